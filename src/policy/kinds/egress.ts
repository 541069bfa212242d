import { z } from 'zod'
import { address, name } from '../text/fields.js'
import { selector } from './selector.js'

export const egress = z
  .strictObject({
    kind: z.literal('Egress').describe("How a tenant's traffic leaves."),
    tenant: name.describe('Tenant whose traffic leaves.'),
    name: name.describe('Name of the egress.'),
    gateway: name.describe('Gateway that the traffic leaves by.'),
    select: selector
      .optional()
      .describe(
        'Labels of the workloads that leave this way, before an egress that names none; default: every one.',
      ),
    address: address()
      .optional()
      .describe("Address outside that becomes the traffic's source; default: the gateway's own."),
  })
  .describe(
    "How a tenant's traffic leaves: source NAT to an address of a gateway. Several with the same select, by different gateways, share the connections.",
  )
