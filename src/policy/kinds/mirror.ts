import { z } from 'zod'
import { name, reference } from '../text/fields.js'
import { selector } from './selector.js'

export const mirror = z
  .strictObject({
    kind: z.literal('Mirror').describe("Copies of a workload's traffic to another port."),
    tenant: name.describe('Tenant whose workloads are listened to, and that listens.'),
    name: name.describe('Name of the mirror.'),
    select: selector
      .default({})
      .describe('Labels of the workloads whose packets are copied; default: every one.'),
    to: reference.describe('Workload of the tenant that gets the copies, wherever it runs.'),
    direction: z
      .enum(['in', 'out', 'both'])
      .default('both')
      .describe('Seen from the workload: what it gets, what it sends, or both.'),
  })
  .describe('Copies of what workloads send and get, for another workload to look at.')
