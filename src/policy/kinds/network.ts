import { z } from 'zod'
import { parseBlock } from '../address.js'
import { address, block, bridge, name } from '../text/fields.js'
import { type Dhcp, dhcp, rangeComplaints } from './dhcp.js'
import type { Complaint } from './rule.js'
import { rule, withinSubnet } from './rule.js'

export const network = z
  .strictObject({
    kind: z.literal('Network').describe('One broadcast domain with its subnets.'),
    tenant: name.describe('Tenant that the network belongs to.'),
    name: name.describe('Name of the network.'),
    subnet: block(4).optional().describe('IPv4 CIDR block.'),
    subnet6: block(6).optional().describe('IPv6 CIDR block.'),
    gateway: address(4).optional().describe("The router's IPv4 address; default: the first of subnet."),
    gateway6: address(6).optional().describe("The router's IPv6 address; default: the first of subnet6."),
    vni: z
      .int()
      .min(1)
      .max(0xff_ffff)
      .optional()
      .describe('Geneve or VXLAN network identifier, or GRE key; default: allocated.'),
    mtu: z
      .int()
      .min(576)
      .max(65_535)
      .optional()
      .describe('Bytes of an IP packet that a workload may send; default: underlay less the encapsulation.'),
    routed: z
      .boolean()
      .default(true)
      .describe("Whether the tenant's distributed router joins it to the tenant's other networks."),
    dhcp: dhcp
      .optional()
      .describe(
        'Whether stations are told their addresses by DHCP, and what else they are told; default: false.',
      ),
    slaac: z
      .boolean()
      .default(false)
      .describe(
        'Whether workloads without ip have the IPv6 address that they form of their MAC by themselves.',
      ),
    discover: z
      .boolean()
      .default(false)
      .describe('Whether workloads that no file declares join it by what their ports say.'),
    vlan: z
      .strictObject({
        bridge: bridge.describe(
          'Physical bridge that the operator prepared, on each host that is to reach it.',
        ),
        tag: z.int().min(1).max(4094).describe('VLAN tag of the network on that bridge.'),
      })
      .optional()
      .describe('VLAN of a physical bridge that the network also lives on.'),
  })
  .describe('One broadcast domain with its subnets.')
  .superRefine(rule(complaints))

function* complaints(fields: {
  subnet?: string | undefined
  subnet6?: string | undefined
  gateway?: string | undefined
  gateway6?: string | undefined
  dhcp?: Dhcp | undefined
  slaac: boolean
}): Generator<Complaint> {
  if (fields.subnet === undefined && fields.subnet6 === undefined) {
    yield { code: 'missing-subnet', path: [], message: 'network has neither subnet nor subnet6' }
  }
  yield* withinSubnet(fields, 'gateway', 'subnet')
  yield* withinSubnet(fields, 'gateway6', 'subnet6')
  yield* rangeComplaints(fields)
  const { slaac, subnet6 } = fields
  if (slaac && subnet6 === undefined)
    yield { code: 'missing-subnet', path: ['slaac'], message: 'slaac has no subnet6 beside it' }
  else if (slaac && parseBlock(subnet6 ?? '')?.prefix !== 64) {
    const message = `slaac needs a subnet6 with a prefix of 64 bits, and ${subnet6} has another`
    yield { code: 'bad-value', path: ['slaac'], message }
  }
}
