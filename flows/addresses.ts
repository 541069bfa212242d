import { createHash } from 'node:crypto'
import type { GatewayRow } from '../src/model/rows.js'

/** The MAC of every tenant's router on every host: a locally administered address that no workload can have. */
export const routerMac = '02:73:6c:00:00:01'

/** MACs of the frames by which hosts probe their tunnels: who sends them, and what tells a question from its answer. */
export const probeMacs = {
  source: '02:73:6c:00:00:02',
  /** The group of LLDP's nearest bridges (IEEE 802.1AB, §7.1). */
  question: '01:80:c2:00:00:0e',
  answer: '02:73:6c:00:00:03',
} as const

/** The MAC that stands for "to the outside by this gateway" between hosts. It never appears outside a tunnel. */
export function exitMac(gateway: GatewayRow): string {
  return `02:73:6c:01:${hex(gateway.number >> 8)}:${hex(gateway.number & 0xff)}`
}

/**
 * The MAC that stands for "by this gateway, if you carry it" between its hosts: who does not drops the packet. It never
 * appears outside a tunnel.
 */
export function holderMac(gateway: GatewayRow): string {
  return `02:73:6c:02:${hex(gateway.number >> 8)}:${hex(gateway.number & 0xff)}`
}

/** The MAC that one of a gateway's hosts has for itself outside: locally administered, the same for ever. */
export function hostMac(gateway: GatewayRow, host: string): string {
  const bytes = createHash('sha256').update(`${gateway.mac} ${host}`).digest()
  return ['02', ...Array.from(bytes.subarray(0, 5), hex)].join(':')
}

/** What the MACs of routers on VLANs begin with: no file's MAC should. */
export const wireMacs = { value: '06:73:00:00:00:00', mask: 'ff:ff:00:00:00:00' } as const

/** The MAC of the routers of a host on the VLANs of physical bridges: switches there learn it from one place only. */
export function wireMac(host: string): string {
  const bytes = createHash('sha256').update(`router ${host}`).digest()
  return ['06', '73', ...Array.from(bytes.subarray(0, 4), hex)].join(':')
}

/**
 * Where transit addresses are from: the block 240.0.0.0/4 (RFC 1112 §4) and a unique local prefix (RFC 4193). They are
 * seen by conntrack only, never on a wire.
 */
export const transitBlocks = { 4: '240.0.0.0/4', 6: 'fd73:6c75:6963:6500::/64' } as const

/**
 * The address that the workloads of an egress, floating address or forward have between the two zones of the gateway's
 * host: unique per translation, so that tenants with the same subnets never share a connection.
 */
export function transitAddress(
  { translation: number }: { readonly translation: number },
  family: 4 | 6,
): string {
  if (family === 4)
    return [240 + (number >>> 24), number >>> 16, number >>> 8, number].map((byte) => byte & 0xff).join('.')
  const [high, low] = [number >>> 16, number & 0xffff].map((group) => group.toString(16))
  return high === '0' ? `fd73:6c75:6963:6500::${low}` : `fd73:6c75:6963:6500::${high}:${low}`
}

/** The link-local address that follows from a MAC (modified EUI-64, RFC 4291 §2.5.1), in canonical form. */
export function linkLocal(mac: string): string {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return canonical(groups)
}

function canonical(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16))
  const [first] = groups
  return first === 0 ? `fe80::${text.slice(1).join(':')}` : `fe80::${text.join(':')}`
}

/** The IP version of an address or CIDR block. */
export function family(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}

/** The prefix length of a CIDR block. */
export function prefixLength(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1))
}

/** A priority by which the longest prefix comes first: even, 10 to 266. */
export function longest(cidr: string): number {
  return 10 + 2 * prefixLength(cidr)
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
