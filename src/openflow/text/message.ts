/** Messages as `ovs-ofctl --no-names ofp-print` prints them. */
import { DecodeError, EncodeError } from '../bytes.js'
import {
  decodeMessage,
  encodeMessage,
  knownVersion,
  type Message,
  type MessageBy,
  type MessageType,
  peekType,
} from '../message.js'
import type { Version } from '../version.js'
import { flow } from './message/flow.js'
import type { Context, Formatters } from './message/form.js'
import { group } from './message/group.js'
import { messageName } from './message/names.js'
import { nicira } from './message/nicira.js'
import { packet } from './message/packet.js'
import { port } from './message/port.js'
import { session } from './message/session.js'
import { table } from './message/table.js'
import { tableFeatures } from './message/table-features.js'
import { decodeErrorText, hexDump } from './message/words.js'

const formatters: Formatters = {
  ...session,
  ...flow,
  ...group,
  ...packet,
  ...port,
  ...table,
  ...tableFeatures,
  ...nicira,
}

/** What Open vSwitch says of messages that it does not know. */
const unknown: Readonly<Partial<Record<MessageType, string>>> = {
  unknown: 'OFPBRC_BAD_TYPE',
  experimenter: 'OFPBRC_BAD_VENDOR',
  experimenterMultipartRequest: 'OFPBRC_BAD_VENDOR',
  experimenterMultipartReply: 'OFPBRC_BAD_VENDOR',
  unknownMultipartRequest: 'OFPBRC_BAD_STAT',
  unknownMultipartReply: 'OFPBRC_BAD_STAT',
}

function headText(name: string, version: Version, xid: number): string {
  return `${name} (OF1.${version - 1}) (xid=0x${xid.toString(16)}):`
}

function withNewline(text: string): string {
  const chomped = text.endsWith(' ') ? text.slice(0, -1) : text
  return chomped.endsWith('\n') ? chomped : `${chomped}\n`
}

function format<T extends MessageType>(type: T, message: MessageBy<T>, context: Context): string {
  const formatter = formatters[type]
  return formatter === undefined ? '' : formatter(message, context)
}

function show(bytes: Buffer, verbosity: number): string {
  const version = knownVersion(bytes[0] ?? 0)
  if (bytes.length < 8 || version === undefined)
    return `OpenFlow packet too short (only ${bytes.length} bytes):\n${hexDump(bytes)}`
  const length = bytes.readUInt16BE(2)
  if (length > bytes.length) return truncatedText(bytes, version, length)
  try {
    return formatMessage(decodeMessage(bytes, version), version, verbosity)
  } catch (error) {
    if (error instanceof DecodeError) return decodeErrorText('OFPBRC_BAD_LEN', bytes)
    throw error
  }
}

/** The beginning of a message, as errors quote it. */
function truncatedText(bytes: Buffer, version: Version, length: number): string {
  const type = typeOf(bytes, version)
  const name = type === undefined ? undefined : messageName(type, version)
  const head = name === undefined ? '' : `${headText(name, version, bytes.readUInt32BE(4))}\n`
  return `${head}(***truncated to ${bytes.length} bytes from ${length}***)\n${hexDump(bytes)}`
}

function typeOf(bytes: Buffer, version: Version): MessageType | undefined {
  try {
    return peekType(bytes, version)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/**
 * The message as `ovs-ofctl --no-names ofp-print` of Open vSwitch 3.1 prints it, newline included.
 * @param verbosity 1 leaves out dumps of payloads, 2 is what the tool does by itself
 * @throws EncodeError for a message that the version does not have
 */
export function formatMessage(message: Message, version: Version, verbosity = 2): string {
  const failure = unknown[message.type]
  if (failure !== undefined) return decodeErrorText(failure, encodeMessage(message, version))
  const name = messageName(message.type, version)
  if (name === undefined) throw new EncodeError(`OpenFlow version ${version} has no message ${message.type}`)
  const flags = 'more' in message && message.more === true ? ' flags=[more]' : ''
  const head = `${headText(name, version, message.xid)}${flags}`
  try {
    return withNewline(`${head}${format(message.type, message, { version, show, verbosity })}`)
  } catch (error) {
    // Lists that nobody decoded before.
    if (error instanceof DecodeError)
      return `${head} ${decodeErrorText('OFPBPC_BAD_LEN', encodeMessage(message, version))}`
    throw error
  }
}
