import { z } from 'zod'
import { address, bridge, endpoint, labels, name } from '../text/fields.js'

export const host = z
  .strictObject({
    kind: z.literal('Host').describe('A machine that runs Open vSwitch.'),
    name: name.describe('Name of the host.'),
    ovsdb: endpoint(['tcp', 'ssl', 'unix']).describe(
      'Where the controller dials its ovsdb-server: tcp:IP:PORT, tcp:[IP6]:PORT, ssl:IP:PORT or unix:PATH.',
    ),
    tunnelIp: address().describe('Address of the host that tunnels end at, IPv4 or IPv6.'),
    addresses: z
      .array(address())
      .min(1)
      .optional()
      .describe('Further addresses of the host itself, for gateways with address: host.'),
    bridge: bridge
      .default('br-int')
      .describe('The bridge that the controller creates and owns; default: br-int.'),
    datapath: z
      .enum(['system', 'netdev'])
      .optional()
      .describe("Kernel or user-space datapath; default: what the host's other bridges use, else system."),
    openflow: endpoint(['tcp', 'unix'])
      .optional()
      .describe(
        "Where the controller dials the switch: tcp:IP:PORT, where the switch then listens, or unix:PATH of the bridge's .mgmt socket; default: the switch is told to dial the controller.",
      ),
    underlayMtu: z
      .int()
      .min(576)
      .max(65_535)
      .default(1500)
      .describe('Bytes of an IP packet that the network between the hosts carries.'),
    labels,
  })
  .describe('A machine that runs Open vSwitch.')
