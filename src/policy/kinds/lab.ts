import { z } from 'zod'
import { interfaceAddress, name, reference } from '../text/fields.js'

export const lab = z
  .strictObject({
    kind: z.literal('Lab').describe('What `sluice lab` builds on this machine; the controller ignores it.'),
    name: name.describe('Name of the lab.'),
    place: z
      .record(name, z.array(reference))
      .default({})
      .describe('Workloads, as tenant/name, by the host that they sit on.'),
    outside: z
      .strictObject({
        address: interfaceAddress()
          .optional()
          .describe('What the nextHop of the gateways points to, with prefix length.'),
        address6: interfaceAddress(6)
          .optional()
          .describe('What the nextHop6 of the gateways points to, with prefix length.'),
      })
      .optional()
      .describe("A namespace on the wire that the gateway hosts' bridges are attached to."),
  })
  .describe('What `sluice lab` builds on this machine; the controller ignores it.')
