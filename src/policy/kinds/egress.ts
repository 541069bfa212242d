import { z } from 'zod'
import { name } from '../fields.js'

export const egress = z
  .strictObject({
    kind: z.literal('Egress').describe("How a tenant's traffic leaves."),
    tenant: name.describe('Tenant whose traffic leaves.'),
    name: name.describe('Name of the egress.'),
    gateway: name.describe("Gateway whose address becomes the traffic's source."),
  })
  .describe("How a tenant's traffic leaves: source NAT to the address of a gateway.")
