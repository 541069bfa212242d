import { addressBytes } from '../frames/addresses.js'

/** Options by name (RFC 2132, RFC 2131 §3; rapid commit RFC 4039, relay agent RFC 3046, classless routes RFC 3442). */
export const option = {
  subnetMask: 1,
  router: 3,
  nameServer: 6,
  hostName: 12,
  domainName: 15,
  mtu: 26,
  broadcastAddress: 28,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  server: 54,
  message: 56,
  largestMessage: 57,
  renewalTime: 58,
  rebindingTime: 59,
  client: 61,
  rapidCommit: 80,
  relayAgent: 82,
  classlessRoutes: 121,
} as const

/** Values of the message type (RFC 2132 §9.6). */
export const messageType = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const

export type MessageType = keyof typeof messageType

/** A route that a station is told of. */
export interface Route {
  /** CIDR block. */
  readonly to: string
  readonly via: string
}

export function number(value: number, bytes: 1 | 2 | 4): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

export function addresses(texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map(addressBytes))
}

/** The mask of a prefix length, 0 to 32. */
export function mask(prefix: number): Buffer {
  return number(prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0, 4)
}

/** The bytes of a block's address that its prefix reaches into, after the prefix, before the router (RFC 3442). */
export function routes(list: readonly Route[]): Buffer {
  return Buffer.concat(
    list.flatMap(({ to, via }) => {
      const [block = '', length = ''] = to.split('/')
      const prefix = Number(length)
      const significant = addressBytes(block).subarray(0, Math.ceil(prefix / 8))
      return [number(prefix, 1), significant, addressBytes(via)]
    }),
  )
}
