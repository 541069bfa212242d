/** DHCP as a client speaks it, written and read without the server's code. */
import { broadcast, ethernet, ip, ipv4, mac as macBytes, udp } from '../e2e/support/frames.js'

export const type = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const

export interface ClientMessage {
  readonly type: number
  readonly mac: string
  readonly transaction?: number
  readonly broadcast?: boolean
  readonly ciaddr?: string
  readonly giaddr?: string
  readonly options?: readonly (readonly [code: number, value: readonly number[] | Buffer])[]
  /** What stands in the fields for the server's name and the boot file. */
  readonly sname?: Buffer
  readonly file?: Buffer
}

/** The payload of a datagram to a server. */
export function clientMessage(message: ClientMessage): Buffer {
  const { mac, transaction = 0x01020304, ciaddr, giaddr, options = [], sname, file } = message
  const head = Buffer.alloc(240)
  head.set([1, 1, 6])
  head.writeUInt32BE(transaction, 4)
  head.writeUInt16BE(message.broadcast ? 0x8000 : 0, 10)
  if (ciaddr) ip(ciaddr).copy(head, 12)
  if (giaddr) ip(giaddr).copy(head, 24)
  macBytes(mac).copy(head, 28)
  sname?.copy(head, 44)
  file?.copy(head, 108)
  head.writeUInt32BE(0x63825363, 236)
  const encoded = [[53, [message.type]] as const, ...options].map(([code, value]) =>
    Buffer.from([code, value.length, ...value]),
  )
  return Buffer.concat([head, ...encoded, Buffer.of(255)])
}

/** The frame of a message; without addresses, as a client without one sends it. */
export function clientFrame(
  message: ClientMessage,
  { from = message.mac, src = '0.0.0.0', dst = '255.255.255.255', to = broadcast } = {},
): Buffer {
  const datagram = udp(68, 67, clientMessage(message))
  return ethernet(to, from, 0x0800, ipv4({ src, dst, protocol: 17 }, datagram))
}

/** An answer, with what its frame says. */
export interface ServerMessage {
  /** Of its frame, if it has one. */
  readonly tag?: number
  readonly macDestination: string
  readonly source: string
  readonly destination: string
  readonly ports: readonly [number, number]
  readonly length: number
  readonly transaction: number
  readonly flags: number
  readonly ciaddr: string
  readonly yiaddr: string
  readonly chaddr: string
  readonly type: number | undefined
  /** Values as hexadecimal digits, by code. */
  readonly options: Readonly<Record<number, string>>
}

export function readAnswer(given: Buffer): ServerMessage {
  const tag = given.readUInt16BE(12) === 0x8100 ? given.readUInt16BE(14) : undefined
  const frame = tag === undefined ? given : Buffer.concat([given.subarray(0, 12), given.subarray(16)])
  const dotted = (at: number) => [...frame.subarray(at, at + 4)].join('.')
  const hex = (at: number) => frame.toString('hex', at, at + 6).replaceAll(/..(?=.)/g, '$&:')
  const message = frame.subarray(42)
  const options: Record<number, string> = {}
  for (let at = 240; message[at] !== 255; ) {
    const code = message.readUInt8(at)
    const length = message.readUInt8(at + 1)
    options[code] = (options[code] ?? '') + message.toString('hex', at + 2, at + 2 + length)
    at += 2 + length
  }
  return {
    ...(tag !== undefined && { tag }),
    macDestination: hex(0),
    source: dotted(26),
    destination: dotted(30),
    ports: [frame.readUInt16BE(34), frame.readUInt16BE(36)],
    length: message.length,
    transaction: message.readUInt32BE(4),
    flags: message.readUInt16BE(10),
    ciaddr: dotted(42 + 12),
    yiaddr: dotted(42 + 16),
    chaddr: hex(42 + 28),
    type: options[53] === undefined ? undefined : Number.parseInt(options[53], 16),
    options,
  }
}
