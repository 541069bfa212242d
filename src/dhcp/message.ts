import { addressBytes, ipv4Text, macBytes, macText } from '../frames/addresses.js'
import { Malformed } from '../frames/malformed.js'
import { type MessageType, messageType, number, option } from './options.js'

/** A request of a client (RFC 2131 §2), as far as a server needs it. */
export interface DhcpRequest {
  readonly type: MessageType
  readonly transaction: number
  /** The client cannot take an answer to an address that it does not have yet. */
  readonly wantsBroadcast: boolean
  /** The address that the client has; undefined before it has one. */
  readonly clientAddress?: string
  /** The relay that the request came by. */
  readonly relay?: string
  readonly mac: string
  readonly requestedAddress?: string
  readonly server?: string
  /** Bytes of the largest IP packet that the client takes. */
  readonly largestPacket?: number
  /** All options by code, those that come in parts put together (RFC 3396). */
  readonly options: ReadonlyMap<number, Buffer>
}

/** An answer of a server. */
export interface DhcpReply {
  readonly type: MessageType
  /** The address that the client may use. */
  readonly yourAddress?: string
  /** Options besides the type, the most important first. */
  readonly options: readonly (readonly [code: number, value: Buffer])[]
}

/** Where fields stand (RFC 2131, figure 1). */
const at = {
  flags: 10,
  client: 12,
  your: 16,
  relay: 24,
  mac: 28,
  server: 44,
  file: 108,
  cookie: 236,
} as const
const headLength = 240
const cookie = 0x63825363
const ethernet = { type: 1, length: 6 } as const
const operation = { request: 1, reply: 2 } as const
const broadcastFlag = 0x8000
const pad = 0
const end = 255
const noAddress = '0.0.0.0'
/** The least that BOOTP has (RFC 951 §3): some clients and relays take nothing shorter. */
const shortest = 300
/** What every client takes (RFC 2131 §2), of which IP and UDP have 28. */
const leastPacket = 576
const ipAndUdp = 28

const typeNames: ReadonlyMap<number, MessageType> = new Map(
  (Object.keys(messageType) as MessageType[]).map((name) => [messageType[name], name]),
)

/** Reads what a client sends to a server. */
export function readRequest(bytes: Buffer): DhcpRequest | Malformed {
  if (bytes.length < headLength)
    return new Malformed(`${bytes.length} bytes, at least ${headLength} are needed`)
  if (bytes.readUInt8(0) !== operation.request) return new Malformed('not a request')
  if (bytes.readUInt8(1) !== ethernet.type || bytes.readUInt8(2) !== ethernet.length)
    return new Malformed('no Ethernet address')
  if (bytes.readUInt32BE(at.cookie) !== cookie) return new Malformed('no DHCP cookie')
  const options = readOptions(bytes)
  if (options instanceof Malformed) return options
  const type = typeNames.get(sized(options, option.messageType, 1)?.readUInt8() ?? 0)
  if (type === undefined) return new Malformed('no message type')
  for (const [code, length] of lengths)
    if (options.has(code) && options.get(code)?.length !== length)
      return new Malformed(`option ${code} has ${options.get(code)?.length} bytes, not ${length}`)
  const [clientAddress, relay] = [ipv4Text(bytes, at.client), ipv4Text(bytes, at.relay)]
  const [requested, server] = [options.get(option.requestedAddress), options.get(option.server)]
  const largest = options.get(option.largestMessage)
  return {
    type,
    transaction: bytes.readUInt32BE(4),
    wantsBroadcast: (bytes.readUInt16BE(at.flags) & broadcastFlag) !== 0,
    mac: macText(bytes, at.mac),
    options,
    ...(clientAddress !== noAddress && { clientAddress }),
    ...(relay !== noAddress && { relay }),
    ...(requested && { requestedAddress: ipv4Text(requested, 0) }),
    ...(server && { server: ipv4Text(server, 0) }),
    ...(largest && { largestPacket: largest.readUInt16BE() }),
  }
}

/** The options whose length matters here. */
const lengths: readonly (readonly [code: number, length: number])[] = [
  [option.requestedAddress, 4],
  [option.server, 4],
  [option.largestMessage, 2],
]

function sized(options: ReadonlyMap<number, Buffer>, code: number, length: number): Buffer | undefined {
  const value = options.get(code)
  return value?.length === length ? value : undefined
}

/** The options, and where they say that they go on in the fields for names (RFC 2132 §9.3), those too. */
function readOptions(bytes: Buffer): ReadonlyMap<number, Buffer> | Malformed {
  const parts = new Map<number, Buffer[]>()
  let fault = collect(bytes.subarray(headLength), parts)
  const overload = Buffer.concat(parts.get(option.overload) ?? [])
  if (overload.length > 1) return new Malformed('option 52 has more than one byte')
  const fields = overload.length === 1 ? overload.readUInt8() : 0
  if (fields & 1) fault ??= collect(bytes.subarray(at.file, at.cookie), parts)
  if (fields & 2) fault ??= collect(bytes.subarray(at.server, at.file), parts)
  return fault ?? new Map([...parts].map(([code, values]) => [code, Buffer.concat(values)]))
}

function collect(bytes: Buffer, parts: Map<number, Buffer[]>): Malformed | undefined {
  for (let from = 0; from < bytes.length && bytes[from] !== end; ) {
    const code = bytes.readUInt8(from++)
    if (code === pad) continue
    const length = bytes[from++]
    if (length === undefined || from + length > bytes.length)
      return new Malformed(`option ${code} is cut short`)
    const values = parts.get(code)
    const value = bytes.subarray(from, from + length)
    if (values) values.push(value)
    else parts.set(code, [value])
    from += length
  }
  return undefined
}

/**
 * The bytes of an answer to a request. Options for which the client has no room are left out.
 * @param mtu bytes of an IP packet that gets to the client, at least 576
 */
export function writeReply(
  request: DhcpRequest,
  { type, yourAddress, options }: DhcpReply,
  mtu: number,
): Buffer {
  const head = Buffer.alloc(headLength)
  head.writeUInt8(operation.reply, 0)
  head.writeUInt8(ethernet.type, 1)
  head.writeUInt8(ethernet.length, 2)
  head.writeUInt32BE(request.transaction, 4)
  head.writeUInt16BE(request.wantsBroadcast ? broadcastFlag : 0, at.flags)
  if (request.clientAddress !== undefined && type === 'ack')
    addressBytes(request.clientAddress).copy(head, at.client)
  if (yourAddress !== undefined) addressBytes(yourAddress).copy(head, at.your)
  macBytes(request.mac).copy(head, at.mac)
  head.writeUInt32BE(cookie, at.cookie)
  const largest = Math.min(Math.max(request.largestPacket ?? 0, leastPacket), mtu)
  let room = largest - ipAndUdp - headLength - 1
  const parts: Buffer[] = [head]
  for (const [code, value] of [[option.messageType, number(messageType[type], 1)] as const, ...options]) {
    const encoded = encodeOption(code, value)
    if (encoded.length > room) continue
    room -= encoded.length
    parts.push(encoded)
  }
  const message = Buffer.concat([...parts, Buffer.of(end)])
  return message.length < shortest ? Buffer.concat([message], shortest) : message
}

/** An option in as many parts as it takes (RFC 3396 §7). */
function encodeOption(code: number, value: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let from = 0; from === 0 || from < value.length; from += 255) {
    const part = value.subarray(from, from + 255)
    parts.push(Buffer.of(code, part.length), part)
  }
  return Buffer.concat(parts)
}
