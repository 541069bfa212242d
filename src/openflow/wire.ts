/** OpenFlow for people: messages as hexadecimal digits to text, flows as text to hexadecimal digits. */
import { ActionEncodeError } from './actions/definition.js'
import { EncodeError } from './bytes.js'
import { decodeMessage, encodeMessage, knownVersion, type Message } from './message.js'
import type { ActionPlaces } from './parse/actions.js'
import { parseFlowMod } from './parse/flow-mod.js'
import { ParseError } from './parse/piece.js'
import type { PortNames } from './parse/value.js'
import { formatMessage } from './text/message.js'
import type { Version } from './version.js'

/** The bytes that the digits say; blanks between bytes do not count. */
function parseHex(text: string): Buffer {
  const wrong = text.search(/[^0-9a-f\s]/i)
  if (wrong >= 0) throw new ParseError('syntax', `"${text.charAt(wrong)}" is no hexadecimal digit`, wrong)
  const digits = text.replaceAll(/\s/g, '')
  if (digits.length === 0 || digits.length % 2 !== 0)
    throw new ParseError('syntax', 'a byte lacks its second digit', text.length)
  return Buffer.from(digits, 'hex')
}

/**
 * The text of one message as `ovs-ofctl --no-names ofp-print` prints it, newline included.
 * @param hex the whole message, in which blanks may stand between bytes
 * @throws ParseError for what is no hexadecimal number
 * @throws DecodeError for what is no message of OpenFlow 1.3, 1.4 or 1.5
 */
export function hexToText(hex: string): string {
  const bytes = parseHex(hex)
  return formatMessage(decodeMessage(bytes), knownVersion(bytes[0] ?? 0) ?? 6)
}

/**
 * The FLOW_MOD of the text, as hexadecimal digits; its transaction id is 0.
 * @param text as `ovs-ofctl add-flow` takes it, or a line of a file for `add-flows`, which may begin with a command
 * @throws ParseError
 * @throws EncodeError for what the version cannot say, with the place of the action if it is one
 */
export function flowToHex(
  text: string,
  version: Version,
  options: { readonly names?: PortNames } = {},
): string {
  const places: ActionPlaces = new Map()
  const message: Message = { xid: 0, ...parseFlowMod(text, { ...options, places }) }
  try {
    return encodeMessage(message, version).toString('hex')
  } catch (cause) {
    const offset = cause instanceof ActionEncodeError ? places.get(cause.action) : undefined
    if (!(cause instanceof Error) || offset === undefined) throw cause
    throw new EncodeError(cause.message, { cause, offset })
  }
}
