import { z } from 'zod'
import { type Block, parseBlock } from '../address.js'
import { anyBlock, name, reference } from '../text/fields.js'
import type { Complaint } from './rule.js'
import { rule } from './rule.js'
import { selector } from './selector.js'

/** One thing that the other end of a connection may be: one of select, network, cidr and group. */
export const peer = z
  .strictObject({
    select: selector.optional().describe('Workloads with these labels; {} is every one.'),
    tenant: name.optional().describe("With select: another tenant's workloads, as far as the two peer."),
    network: reference.optional().describe("Every address of the network's subnets."),
    cidr: anyBlock.optional().describe('Addresses of this CIDR block.'),
    except: z.array(anyBlock).optional().describe('With cidr: blocks in it that do not count.'),
    group: reference
      .optional()
      .describe("Addresses of an AddressGroup: the tenant's own, or else the whole cluster's."),
  })
  .superRefine(rule(complaints))

export type PolicyPeer = z.output<typeof peer>

const alternatives = ['select', 'network', 'cidr', 'group'] as const

function* complaints(fields: PolicyPeer): Generator<Complaint> {
  const [first, second] = alternatives.filter((field) => fields[field] !== undefined)
  if (second !== undefined) {
    const message = `a peer has ${first} and ${second}: expected one of them; write two peers`
    yield { code: 'bad-peer', path: [second], message }
  }
  if (fields.tenant !== undefined && fields.select === undefined) {
    const message = `tenant ${fields.tenant} has no select beside it: select: {} is every workload`
    yield { code: 'bad-peer', path: ['tenant'], message }
  } else if (fields.except !== undefined && fields.cidr === undefined) {
    const message = 'except has no cidr beside it that it takes blocks from'
    yield { code: 'bad-peer', path: ['except'], message }
  } else if (first === undefined) {
    const message = `a peer says nothing: expected one of ${alternatives.join(', ')}`
    yield { code: 'bad-peer', path: [], message }
  }
  yield* outside(fields.cidr, fields.except)
}

function* outside(cidr: string | undefined, except: readonly string[] = []): Generator<Complaint> {
  const whole = parseBlock(cidr ?? '')
  if (whole === undefined) return
  for (const [index, text] of except.entries()) {
    const part = parseBlock(text)
    if (part !== undefined && isWithin(part, whole)) continue
    const message = `except ${text} is not in cidr ${cidr}`
    yield { code: 'except-outside-cidr', path: ['except', index], message }
  }
}

function isWithin(part: Block, whole: Block): boolean {
  return part.family === whole.family && whole.first <= part.first && part.last <= whole.last
}
