import { z } from 'zod'
import { name } from '../text/fields.js'

export const cluster = z
  .strictObject({
    kind: z.literal('Cluster').describe('Cluster-wide settings; at most one document has this kind.'),
    name: name.describe('Name of the cluster.'),
    encapsulation: z
      .enum(['geneve', 'vxlan', 'gre'])
      .default('geneve')
      .describe('How packets travel between hosts.'),
  })
  .describe('Cluster-wide settings.')
