import { z } from 'zod'
import { labels, name } from '../text/fields.js'

export const tenant = z
  .strictObject({
    kind: z.literal('Tenant').describe('Who is isolated from whom.'),
    name: name.describe('Name of the tenant.'),
    labels,
  })
  .describe('Who is isolated from whom: two tenants never reach each other unless both have a Peering.')
