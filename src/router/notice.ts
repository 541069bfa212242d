/**
 * Why a packet cannot go on. `untranslated`: conntrack gave a new connection no address outside, since no port is left or
 * none may be opened; `closed`: nobody has the port outside that it is for; `orphaned`: likewise, and it belongs to a connection
 * that another host has carried, or this one before it began anew.
 */
export const kinds = [
  'hopsExceeded',
  'noRoute',
  'noHost',
  'tooLarge',
  'untranslated',
  'closed',
  'orphaned',
] as const
export type Kind = (typeof kinds)[number]

/**
 * Where it is: at a tenant's router; on its way out at a gateway, or there between the two translations; at a gateway as
 * it came from outside.
 */
export const places = ['router', 'gateway', 'transit', 'wire'] as const
export type Place = (typeof places)[number]

/** What a switch says with a packet that cannot go on. */
export interface Notice {
  readonly kind: Kind
  readonly place: Place
  /** What would fit, for `tooLarge`: bytes of an IP packet. */
  readonly mtu: number
}

/**
 * Reads the userdata: reason, kind, place, zero, then the MTU.
 * @returns undefined where it is none
 */
export function readNotice(userdata: Uint8Array): Notice | undefined {
  if (userdata.length !== 6 || userdata[3] !== 0) return undefined
  const kind = kinds[userdata[1] ?? -1]
  const place = places[userdata[2] ?? -1]
  if (kind === undefined || place === undefined) return undefined
  return { kind, place, mtu: Buffer.from(userdata).readUInt16BE(4) }
}
