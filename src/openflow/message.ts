/** Messages as plain tagged values, and as bytes (OpenFlow 1.5.1, §7.1). */
import { DecodeError, EncodeError, Reader, Writer } from './bytes.js'
import { kinds } from './kinds.js'
import {
  experimenterMultipart,
  experimenterType,
  type Kind,
  type MessageOf,
  multipartReplyType,
  multipartRequestType,
  type Part,
  type Place,
} from './messages/kind.js'
import type { Version } from './version.js'

/** A message of a type that we do not know, or that its version does not have. */
export interface UnknownMessage {
  type: 'unknown'
  xid: number
  number: number
  data: Buffer
}

/** A multipart message of a type that we do not know. */
export interface UnknownMultipart extends Part {
  type: 'unknownMultipartRequest' | 'unknownMultipartReply'
  xid: number
  multipart: number
  data: Buffer
}

/** Every message: `type` tells which, `xid` ties replies to requests. */
export type Message = MessageOf<(typeof kinds)[number]> | UnknownMessage | UnknownMultipart
/** The names of messages. */
export type MessageType = Message['type']
/** One message by its name. */
export type MessageBy<T extends MessageType> = Extract<Message, { type: T }>

type AnyKind = Kind<string, unknown>
interface Found {
  readonly kind: AnyKind
  readonly place: Place
}

const allVersions: readonly Version[] = [4, 5, 6]
/** More-bit of multipart requests and replies. */
const moreFlag = 1

function key({ type, multipart, experimenter, subtype }: Place): string {
  return `${type}/${multipart ?? ''}/${experimenter ?? ''}/${subtype ?? ''}`
}

interface Index {
  readonly byName: ReadonlyMap<string, Found>
  /** Kinds that their type alone tells. */
  readonly byType: readonly (AnyKind | undefined)[]
  readonly byPlace: ReadonlyMap<string, AnyKind>
}

function index(version: Version): Index {
  const byName = new Map<string, Found>()
  const byPlace = new Map<string, AnyKind>()
  const byType: (AnyKind | undefined)[] = []
  for (const kind of kinds as readonly AnyKind[])
    for (const place of kind.places) {
      if (version < (place.first ?? 4) || version > (place.last ?? 6)) continue
      if (!byName.has(kind.name)) byName.set(kind.name, { kind, place })
      byPlace.set(key(place), kind)
      if (place.multipart === undefined && place.experimenter === undefined) byType[place.type] = kind
    }
  return { byName, byType, byPlace }
}

const indexes: ReadonlyMap<Version, Index> = new Map(allVersions.map((version) => [version, index(version)]))

function indexOf(version: Version): Index {
  const found = indexes.get(version)
  if (found === undefined) throw new EncodeError(`OpenFlow version ${version} is not supported`)
  return found
}

/** The version byte of a message as one of ours; undefined for others. */
export function knownVersion(number: number): Version | undefined {
  return number === 4 || number === 5 || number === 6 ? number : undefined
}

function writeMultipartHead(w: Writer, type: number, more: boolean | undefined): void {
  w.u16(type)
  w.u16(more === true ? moreFlag : 0)
  w.zeros(4)
}

function writeBody(w: Writer, message: Message, version: Version): number {
  switch (message.type) {
    case 'unknown':
      w.bytes(message.data)
      return message.number
    case 'unknownMultipartRequest':
    case 'unknownMultipartReply':
      writeMultipartHead(w, message.multipart, message.more)
      w.bytes(message.data)
      return message.type === 'unknownMultipartRequest' ? multipartRequestType : multipartReplyType
    default: {
      const found = indexOf(version).byName.get(message.type)
      if (found === undefined)
        throw new EncodeError(`OpenFlow version ${version} has no message ${message.type}`)
      const { place, kind } = found
      if (place.multipart !== undefined)
        writeMultipartHead(w, place.multipart, 'more' in message ? message.more : false)
      if (place.experimenter !== undefined) {
        w.u32(place.experimenter)
        w.u32(place.subtype ?? 0)
      }
      kind.body.encode(w, message, version)
      return place.type
    }
  }
}

/**
 * The bytes of a message.
 * @param w where to write them: many messages are faster with one writer of some kilobytes
 * @throws EncodeError when a value does not fit its field, or the version does not have the message
 */
export function encodeMessage(message: Message, version: Version, w = new Writer()): Buffer {
  const start = w.length
  w.zeros(4)
  w.u32(message.xid)
  const type = writeBody(w, message, version)
  const length = w.length - start
  if (length > 0xffff) throw new EncodeError(`a message of ${length} bytes is too long`)
  w.patchU8(start, version)
  w.patchU8(start + 1, type)
  w.patchU16(start + 2, length)
  return w.take(start)
}

interface Identity {
  readonly kind?: AnyKind | undefined
  readonly multipart?: number
  readonly more?: boolean
}

/** The kind of an experimenter's message, whose header is then read; undefined when nobody described it. */
function experimenterKind(r: Reader, place: Place, { byPlace }: Index): AnyKind | undefined {
  if (r.remaining < 8) return undefined
  const experimenter = r.buffer.readUInt32BE(r.offset)
  const subtype = r.buffer.readUInt32BE(r.offset + 4)
  const kind = byPlace.get(key({ ...place, experimenter, subtype }))
  if (kind !== undefined) r.skip(8)
  return kind
}

/** Reads what tells messages apart, and leaves the reader at the body. */
function identify(r: Reader, type: number, version: Version): Identity {
  const places = indexOf(version)
  if (type === multipartRequestType || type === multipartReplyType) {
    const multipart = r.u16()
    const more = (r.u16() & moreFlag) !== 0
    r.skip(4)
    const place = { type, multipart }
    const special = multipart === experimenterMultipart ? experimenterKind(r, place, places) : undefined
    return { kind: special ?? places.byPlace.get(key(place)), multipart, more }
  }
  const special = type === experimenterType ? experimenterKind(r, { type }, places) : undefined
  return { kind: special ?? places.byType[type] }
}

function decodeBody(r: Reader, type: number, version: Version, xid: number): object {
  const { kind, multipart, more } = identify(r, type, version)
  if (kind !== undefined) {
    const body = kind.body.decode(r, version)
    // Every body is an object of its own, so that it can become the message.
    const message: Record<string, unknown> = typeof body === 'object' ? Object(body) : {}
    message.type = kind.name
    message.xid = xid
    if (more === true) message.more = more
    return message
  }
  if (multipart === undefined) return { type: 'unknown', xid, number: type, data: r.rest() }
  const name = type === multipartRequestType ? 'unknownMultipartRequest' : 'unknownMultipartReply'
  return { type: name, xid, ...(more === true && { more }), multipart, data: r.rest() }
}

/**
 * The type of the message that begins with these bytes, which need not be whole; undefined when it has none.
 * @throws DecodeError when not even the headers are there
 */
export function peekType(bytes: Buffer, version: Version): MessageType | undefined {
  const r = new Reader(bytes)
  r.skip(1)
  const type = r.u8()
  r.skip(6)
  const name = identify(r, type, version).kind?.name
  return kinds.find((kind) => kind.name === name)?.name
}

/**
 * The message that these bytes are. Buffers in it are views of `bytes`.
 * @param version the negotiated one; the message's own when left out. A hello is understood in any version.
 * @throws DecodeError
 */
export function decodeMessage(bytes: Buffer, version?: Version): Message {
  const r = new Reader(bytes)
  const first = r.u8()
  const type = r.u8()
  const length = r.u16()
  const xid = r.u32()
  if (length < bytes.length)
    throw new DecodeError(`${bytes.length - length} bytes are left over after a message of ${length}`, length)
  if (length > bytes.length)
    throw new DecodeError(`a message of ${length} bytes ends after ${bytes.length}`, bytes.length)
  const own = knownVersion(first) ?? (type === 0 ? 6 : undefined)
  if (own === undefined || (version !== undefined && own !== version && type > 3))
    throw new DecodeError(`message of version ${first}`, 0)
  return decodeBody(r, type, own, xid) as Message
}
