import { z } from 'zod'
import { name, reference } from '../text/fields.js'

export const peering = z
  .strictObject({
    kind: z.literal('Peering').describe("One tenant's consent to be routed to another."),
    tenant: name.describe('Tenant that consents.'),
    name: name.describe('Name of the peering.'),
    peer: name.describe('The other tenant.'),
    networks: z
      .array(reference)
      .min(1)
      .optional()
      .describe("This tenant's networks that take part; default: all."),
  })
  .describe(
    'Consent to be routed to another tenant; in force once both tenants have one that names the other.',
  )
