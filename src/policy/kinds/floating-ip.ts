import { z } from 'zod'
import { address, name, reference } from '../text/fields.js'

export const floatingIp = z
  .strictObject({
    kind: z.literal('FloatingIp').describe('One outside address for one workload.'),
    tenant: name.describe('Tenant of the workload.'),
    name: name.describe('Name of the floating address.'),
    address: address().describe("Address outside, in a subnet of the gateway; no other object's."),
    workload: reference.describe('Workload of the same tenant that has it.'),
    gateway: name.describe('Gateway that answers for it.'),
  })
  .describe(
    'One outside address for one workload, both ways: whoever connects to it reaches the workload, and what the workload opens is seen with it.',
  )
