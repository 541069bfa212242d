import { goto, move, set } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { family } from './addresses.js'

/** Meters of every bridge, by number from 1: what limits packets to the controller. */
export const meters = {
  controller: { id: 1, packetsPerSecond: 100 },
  /** Apart, so that no scan of a denied port keeps the next hop from being found. */
  verdict: { id: 2, packetsPerSecond: 250 },
  /** Answers to what the controller itself has asked. */
  probe: { id: 10, packetsPerSecond: 500 },
  /** Strangers on the wire outside send these. */
  lldp: { id: 11, packetsPerSecond: 20 },
  /** Requests of all workloads of a host, of DHCP and for router advertisements. */
  dhcp: { id: 3, packetsPerSecond: 500 },
  /** Of what a workload sends and only the network may say: enough to tell who it is. */
  guard: { id: 4, packetsPerSecond: 20 },
  /** Apart, so that nobody who asks for names keeps others from getting an address. */
  names: { id: 5, packetsPerSecond: 500 },
  station: { id: 6, packetsPerSecond: 100 },
  /** Of what routers tell senders, so that nobody who provokes it is in the way of the others. */
  router: { id: 20, packetsPerSecond: 250 },
  /** Of the same to stations outside: whoever scans the addresses there is in nobody's way. */
  outside: { id: 21, packetsPerSecond: 100 },
  /** Of connections that are opened to the outside, each of which is told of twice. */
  mapping: { id: 22, packetsPerSecond: 1000 },
} as const

/** Why a packet is sent to the controller: the first byte of its userdata. */
export const packetInReasons = {
  neighbour: 1,
  resolve: 2,
  verdict: 3,
  uplink: 4,
  station: 8,
  stationSought: 9,
  probe: 10,
  lldp: 11,
  dhcp: 16,
  dhcpServer: 17,
  routerSolicitation: 18,
  dhcp6: 19,
  name: 20,
  foreignRouter: 21,
  router: 40,
  mapping: 41,
} as const

/** Sends the packet to the controller, at most so often as the meter allows. */
export function toController(
  reason: Exclude<keyof typeof packetInReasons, 'verdict'>,
  meter: keyof typeof meters = 'controller',
): readonly RuleAction[] {
  return [
    { type: 'meter', meter: meters[meter].id },
    { type: 'controller', userdata: Uint8Array.of(packetInReasons[reason]) },
  ]
}

/** Tells the controller of a packet that goes on. The meter is the action's own, so that it never costs the packet itself. */
export function tell(reason: 'resolve'): RuleAction {
  const userdata = Uint8Array.of(packetInReasons[reason])
  return { type: 'controller', meterId: meters.controller.id, userdata }
}

/**
 * Tells the controller of a station of a network: an answer of it, or a packet for one that is not known. The reason, three
 * zero bytes, and the network's VNI (4 bytes, big endian). The meter is the action's own, so that it never costs the packet itself.
 */
export function tellStation(reason: 'station' | 'stationSought', vni: number): RuleAction {
  const userdata = new Uint8Array(8)
  userdata.set([packetInReasons[reason]])
  new DataView(userdata.buffer).setUint32(4, vni)
  return { type: 'controller', meterId: meters.station.id, userdata }
}

/** What became of a packet that is told of: the third byte of the userdata. */
export const verdictKinds = { allow: 0, deny: 1, reject: 2 } as const

/** Where it was judged: the second byte of the userdata. */
export const verdictDirections = { egress: 0, ingress: 1 } as const

/**
 * Tells the controller what a rule has decided: reason, direction, verdict, a zero byte, and the rule's id (4 bytes, big
 * endian). The meter is the action's own, so that it never costs the packet itself.
 */
export function verdictToController(
  direction: keyof typeof verdictDirections,
  verdict: keyof typeof verdictKinds,
  rule: number,
): RuleAction {
  const userdata = new Uint8Array(8)
  userdata.set([packetInReasons.verdict, verdictDirections[direction], verdictKinds[verdict]])
  new DataView(userdata.buffer).setUint32(4, rule)
  return { type: 'controller', meterId: meters.verdict.id, userdata }
}

/**
 * Tells the controller what a connection's source has been translated to: in the packet; and from what: in the fields of
 * its connection. The meter is the action's own, so that it never costs the packet itself.
 */
export const tellMapping: RuleAction = {
  type: 'controller',
  meterId: meters.mapping.id,
  userdata: Uint8Array.of(packetInReasons.mapping),
}

/** Why a packet cannot go on: the second byte of the userdata. */
export const strandedKinds = {
  hopsExceeded: 0,
  noRoute: 1,
  noHost: 2,
  tooLarge: 3,
  untranslated: 4,
  closed: 5,
  orphaned: 6,
} as const

/** Where it is, which says who tells the sender and how: the third byte of the userdata. */
export const strandedPlaces = { router: 0, gateway: 1, transit: 2, wire: 3 } as const

/**
 * Ends a packet that cannot go on, and lets the controller tell its sender: reason, kind, place, a zero byte, and what
 * would fit (2 bytes, big endian).
 * @param mtu for `tooLarge`: bytes of an IP packet
 */
export function stranded(
  kind: keyof typeof strandedKinds,
  place: keyof typeof strandedPlaces,
  mtu = 0,
): readonly RuleAction[] {
  const userdata = new Uint8Array(6)
  userdata.set([packetInReasons.router, strandedKinds[kind], strandedPlaces[place]])
  new DataView(userdata.buffer).setUint16(4, mtu)
  const { id: meterId } = place === 'wire' ? meters.outside : meters.router
  return [{ type: 'controller', meterId, userdata }]
}

/** The sender becomes the receiver. */
const turnBack = move('ethSrc', 'ethDst', 48)

/** Swaps source and destination MAC by way of the stack. */
export const swapMacs: readonly RuleAction[] = [
  { type: 'push', src: { field: 'ethDst', offset: 0, bits: 48 } },
  turnBack,
  { type: 'pop', dst: { field: 'ethSrc', offset: 0, bits: 48 } },
]

/** Turns an ARP request into its reply (RFC 826): `address`, or, where it is a block, whatever was asked for, is at `mac`. */
export function arpReply(mac: string, address: string): readonly RuleAction[] {
  const asked = { field: 'arpTpa', offset: 0, bits: 32 } as const
  const isBlock = address.includes('/')
  return [
    turnBack,
    set('ethSrc', mac),
    set('arpOp', 2),
    move('arpSha', 'arpTha', 48),
    ...(isBlock ? [{ type: 'push', src: asked } as const] : []),
    move('arpSpa', 'arpTpa', 32),
    set('arpSha', mac),
    isBlock ? { type: 'pop', dst: { ...asked, field: 'arpSpa' } } : set('arpSpa', address),
  ]
}

/** Flags of an advertisement (RFC 4861 §4.4): router, solicited, override. */
const ndFlags = { router: 0x80000000, solicited: 0x40000000, override: 0x20000000 } as const

/** The option type of a target link-layer address (RFC 4861 §4.6.1). */
const targetLinkLayerAddress = 2

/**
 * Turns a neighbour solicitation into the advertisement that answers it (RFC 4861 §7.2.4): `address`, or whatever of a
 * block was asked for, is at `mac`. The
 * solicitation's source link-layer option becomes the advertisement's target link-layer option, which the next table
 * fills in: only a flow that matches an advertisement may write it.
 */
export function neighbourAdvertisementReply(
  mac: string,
  address: string,
  router = false,
): readonly RuleAction[] {
  const flags = ndFlags.solicited + ndFlags.override + (router ? ndFlags.router : 0)
  return [
    turnBack,
    set('ethSrc', mac),
    move('ipv6Src', 'ipv6Dst', 128),
    address.includes('/') ? move('ndTarget', 'ipv6Src', 128) : set('ipv6Src', address),
    set('icmpv6Type', 136),
    set('ndOptionsType', targetLinkLayerAddress),
    set('ndReserved', flags),
    goto('nd-reply'),
  ]
}

/** Turns an echo request to `address` into its reply (RFC 792, RFC 4443 §4.2), with a fresh TTL. */
export function echoReply(address: string): readonly RuleAction[] {
  return family(address) === 4
    ? [move('ipv4Src', 'ipv4Dst', 32), set('ipv4Src', address), set('icmpv4Type', 0), set('ipTtl', 64)]
    : [move('ipv6Src', 'ipv6Dst', 128), set('ipv6Src', address), set('icmpv6Type', 129), set('ipTtl', 64)]
}
