import {
  DecodeError,
  decodeMessage,
  EncodeError,
  encodeMessage,
  formatMessage,
} from '../../src/openflow/index.js'
import { knownVersion } from '../../src/openflow/message.js'
import { sampleMessages, versions } from '../support/sample-messages.js'
import { mutate, type Random } from './mutate.js'

export const messageSamples: readonly Buffer[] = versions.flatMap((version) =>
  sampleMessages(version).map((message) => encodeMessage(message, version)),
)

function expected(error: unknown): void {
  if (!(error instanceof DecodeError || error instanceof EncodeError)) throw error
}

/**
 * One damaged message. It decodes or is a DecodeError; what decodes prints and encodes, unless a value in it cannot be
 * said, which is an EncodeError or, where messages are in messages, a DecodeError.
 */
export function tryMessage(random: Random): 'decoded' | 'refused' {
  const bytes = mutate(messageSamples, random)
  if (bytes.length >= 4 && random(16) > 0) {
    bytes.writeUInt16BE(bytes.length, 2)
    bytes[0] = versions[random(versions.length)] ?? 6
  }
  let message: ReturnType<typeof decodeMessage>
  try {
    message = decodeMessage(bytes)
  } catch (error) {
    if (error instanceof DecodeError && error.offset <= bytes.length) return 'refused'
    throw error
  }
  const version = knownVersion(bytes[0] ?? 0) ?? 6
  try {
    formatMessage(message, version)
    decodeMessage(encodeMessage(message, version), version)
  } catch (error) {
    expected(error)
  }
  return 'decoded'
}
