import { z } from 'zod'
import { address, labels, mac, name, plain, reference } from '../text/fields.js'
import { allowed } from './allowed.js'
import type { Complaint } from './rule.js'
import { rule } from './rule.js'

const addresses = z
  .union([address(), z.array(address()).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value))

export const workload = z
  .strictObject({
    kind: z.literal('Workload').describe('An end station: container, VM, namespace.'),
    tenant: name.describe('Tenant that the workload belongs to.'),
    name: name.describe('Name of the workload.'),
    network: reference.describe('Network of the same tenant that the workload is in.'),
    mac: mac.optional().describe('MAC address; default: allocated.'),
    ip: addresses
      .optional()
      .describe('Address or list of addresses, IPv4 and IPv6; default: one of each subnet is allocated.'),
    interface: plain('the iface-id of an interface')
      .optional()
      .describe('The value of external_ids:iface-id that binds the workload; default: tenant/name.'),
    allowed: z
      .array(allowed)
      .min(1)
      .optional()
      .describe(
        'Further addresses that it may use: each an address, a CIDR block, or {mac, ip} where it uses them with another MAC.',
      ),
    parent: reference
      .optional()
      .describe('Workload of the same tenant on whose interface it is, with the VLAN tag `tag`.'),
    tag: z
      .int()
      .min(1)
      .max(4094)
      .optional()
      .describe("VLAN tag on the parent's interface that tells its packets from the parent's own."),
    labels,
  })
  .describe(
    'An end station. It runs on whichever host has an Interface with its iface-id, or with that of its parent.',
  )
  .superRefine(rule(complaints))

function* complaints(fields: {
  parent?: string | undefined
  tag?: number | undefined
  interface?: string | undefined
}): Generator<Complaint> {
  const { parent, tag } = fields
  if (parent !== undefined && tag === undefined)
    yield { code: 'missing-field', path: ['parent'], message: `parent ${parent} has no tag beside it` }
  if (tag !== undefined && parent === undefined)
    yield { code: 'missing-field', path: ['tag'], message: `tag ${tag} has no parent beside it` }
  if (parent !== undefined && fields.interface !== undefined) {
    const message = `interface ${fields.interface} stands beside parent: a sub-port is on the interface of its parent`
    yield { code: 'bad-value', path: ['interface'], message }
  }
}
