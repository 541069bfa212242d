import type { Facts } from './facts.js'
import { keys, question } from './keys.js'
import { portName } from './names.js'

/** A network interface of a workload that is made: a veth pair with one end in the workload's namespace. */
export interface VethPlug {
  readonly kind: 'veth'
  /** Path of the network namespace. */
  readonly netns: string
  /** Name of the device there. */
  readonly device: string
}

/** A TAP device of a virtual machine, which is there already; what the machine does with it is its own. */
export interface TapPlug {
  readonly kind: 'tap'
  readonly device: string
}

/** What is to be plugged in, and where. */
export interface Attachment<P extends VethPlug | TapPlug = VethPlug | TapPlug> {
  /** Value of `external_ids:iface-id`. */
  readonly interface: string
  readonly bridge: string
  readonly plug: P
  /** Left out: asked of the controller, through the host's database. */
  readonly facts?: Facts
  /** Addresses and routes are left to a DHCP client in the workload. */
  readonly dhcp?: boolean
  readonly owner?: string
  /** The network, as `tenant/name`, that the workload is to be of if no file declares it. */
  readonly network?: string
}

/** The name of its port on the bridge. */
export const portOf = ({ interface: id, plug }: Attachment): string =>
  plug.kind === 'tap' ? plug.device : portName(id)

/** The line for `ip -batch` on the host that makes the pair; no end of it is ever in a third namespace. */
export const pairLine = ({ interface: id, plug }: Attachment<VethPlug>, { mac }: Partial<Facts>): string =>
  [
    `link add ${portName(id)} type veth peer name ${plug.device}`,
    ...(mac === undefined ? [] : [`address ${mac}`]),
    `netns ${plug.netns}`,
  ].join(' ')

/** The line for `ip -batch` on the host that brings the port's end up. */
export const upLine = (port: string): string => `link set ${port} up`

/** The same for the size of its packets, once that is known. */
export const mtuLines = (port: string, { mtu }: Partial<Facts>): string[] =>
  mtu === undefined ? [] : [`link set ${port} mtu ${mtu}`]

/**
 * Lines for `ip -batch` in the workload's namespace. They may be given again; `present` are the device's global addresses
 * so far, of which those that are not wanted any more are taken away first: the kernel takes later addresses of a subnet away
 * with its first one. Without wanted addresses all are left, as a DHCP
 * client may have put them there.
 */
export const insideLines = (device: string, facts: Facts, present: readonly string[] = []): string[] => [
  'link set lo up',
  ...(facts.mac === undefined ? [] : [`link set ${device} address ${facts.mac}`]),
  ...(facts.mtu === undefined ? [] : [`link set ${device} mtu ${facts.mtu}`]),
  `link set ${device} up`,
  ...(facts.addresses.length === 0 ? [] : present)
    .filter((address) => !facts.addresses.includes(address))
    .map((address) => `address del ${address} dev ${device}`),
  ...facts.addresses.map((address) => `address replace ${address} dev ${device}`),
  ...facts.gateways.map((gateway) => `route replace default via ${gateway} dev ${device}`),
]

/** Checksums are computed before a frame leaves: a port of the user-space datapath does not complete them. */
export const checksumOffloadOff = (device: string): string[] => ['ethtool', '-K', device, 'tx', 'off']

/**
 * Whether a workload's end of a pair must compute its checksums itself: the user-space datapath takes frames as they
 * are before Open vSwitch 3.2 (its NEWS: checksum offload). An unknown version counts as an old one.
 */
export function needsChecksums(datapathType: string, version: string | undefined): boolean {
  if (datapathType !== 'netdev') return false
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  return !(major > 3 || (major === 3 && minor >= 2))
}

/** What the port's Interface row says in external_ids from the first moment. */
export const externalIds = (attachment: Attachment): Record<string, string> => {
  const { interface: id, plug, facts, owner, network } = attachment
  const [tenant, name] = network?.split('/') ?? []
  return {
    [keys.iface]: id,
    [keys.attached]: plug.kind,
    ...(facts?.mac === undefined ? {} : { [keys.mac]: facts.mac }),
    ...(facts === undefined ? { [keys.facts]: question } : {}),
    ...(owner === undefined ? {} : { [keys.owner]: owner }),
    ...(tenant === undefined || name === undefined
      ? {}
      : { [keys.tenant]: tenant, [keys.network]: name, ...claimed(facts) }),
  }
}

const claimed = ({ mac, addresses = [] }: Partial<Facts> = {}): Record<string, string> => ({
  ...(mac === undefined ? {} : { [keys.claimedMac]: mac }),
  ...(addresses.length === 0
    ? {}
    : { [keys.claimedIp]: addresses.map((each) => each.split('/')[0]).join(',') }),
})
