import { z } from 'zod'
import { formatAddress, parseAddress } from '../address.js'
import { anyBlock, name, namePattern } from '../text/fields.js'
import { reading, Unreadable } from '../text/reading.js'
import type { Complaint } from './rule.js'
import { rule } from './rule.js'
import { selector } from './selector.js'

/** Who takes packets on: a workload, whoever of the tenant's has an address, or a gateway. */
export type Hop =
  | { readonly kind: 'workload' | 'address'; readonly name: string }
  | { readonly kind: 'gateway'; readonly name: string }

const forms = 'a workload, an address in a network of the tenant, {gateway: NAME}, or a list of them'

const one = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      properties: { gateway: { type: 'string' } },
      required: ['gateway'],
      additionalProperties: false,
    },
  ],
}

const via = reading({ anyOf: [...one.anyOf, { type: 'array', items: one, minItems: 1 }] }, readVia)

export const route = z
  .strictObject({
    kind: z.literal('Route').describe('Static and policy routes.'),
    tenant: name.describe('Tenant whose packets it is about.'),
    name: name.describe('Name of the route.'),
    to: anyBlock.describe('CIDR block of the destinations; the longest one decides.'),
    select: selector
      .optional()
      .describe(
        'Labels of the workloads whose packets it is about, before routes without it: a policy route.',
      ),
    via: via
      .optional()
      .describe(
        'Who takes the packets on: a workload of the tenant or an address of one, {gateway: NAME}, or a list of them, over which connections are spread.',
      ),
    gateway: name.optional().describe('The same as via: {gateway: NAME}.'),
    action: z.enum(['drop']).optional().describe('The packets end here.'),
  })
  .describe("Where packets go that the tenant's router would send elsewhere, or nowhere.")
  .superRefine(rule(complaints))

const alternatives = ['via', 'gateway', 'action'] as const

function* complaints(fields: {
  readonly via?: readonly Hop[] | undefined
  readonly gateway?: string | undefined
  readonly action?: string | undefined
}): Generator<Complaint> {
  const [first, second] = alternatives.filter((field) => fields[field] !== undefined)
  if (first === undefined) {
    const message = 'route does not say where packets go: expected via, gateway, or action: drop'
    yield { code: 'bad-route', path: [], message }
  }
  if (second !== undefined) {
    const message = `route has ${first} and ${second}: expected one of them`
    yield { code: 'bad-route', path: [second], message }
  }
  const { via: hops = [] } = fields
  const isList = hops.length > 1
  for (const [index, hop] of hops.entries()) {
    const path = isList ? ['via', index] : ['via']
    if (hops.findIndex((other) => other.name === hop.name && other.kind === hop.kind) < index)
      yield { code: 'bad-via', path, message: `via ${hop.name} is in the list twice` }
    if ((hop.kind === 'gateway') !== (hops[0]?.kind === 'gateway')) {
      const message = 'via has gateways and workloads: expected one or the other'
      yield { code: 'bad-via', path, message }
    }
  }
}

function readVia(value: unknown): readonly Hop[] | Unreadable {
  if (!Array.isArray(value)) {
    const hop = readHop(value)
    return hop instanceof Unreadable ? hop : [hop]
  }
  if (value.length === 0) return new Unreadable('bad-via', `is an empty list: expected ${forms}`)
  const hops: Hop[] = []
  for (const [index, each] of value.entries()) {
    const hop = readHop(each)
    if (hop instanceof Unreadable) return new Unreadable(hop.code, hop.message, [index, ...hop.path])
    hops.push(hop)
  }
  return hops
}

function readHop(value: unknown): Hop | Unreadable {
  if (typeof value === 'string') {
    const address = parseAddress(value)
    if (address !== undefined) return { kind: 'address', name: formatAddress(address) }
    if (value.split('/').length < 3 && value.split('/').every((part) => namePattern.test(part)))
      return { kind: 'workload', name: value }
    return new Unreadable('bad-via', `is not one of: ${forms}`)
  }
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const [entry, more] = entries
  const [key, gateway] = entry ?? []
  if (more !== undefined || key !== 'gateway' || typeof gateway !== 'string')
    return new Unreadable('bad-via', `is not one of: ${forms}`)
  if (namePattern.test(gateway)) return { kind: 'gateway', name: gateway }
  return new Unreadable('bad-name', 'is not the name of a gateway', ['gateway'])
}
