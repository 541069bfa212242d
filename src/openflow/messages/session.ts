/** Messages that keep a session: hello, echo, features, configuration, roles, barrier (OpenFlow 1.5.1, §7.3.1, §7.3.9, §7.5). */
import { type Codec, join, named, optional, pad, rest, struct, u8, u16, u32, u64 } from '../codec.js'
import { type PropertiesOf, properties, property } from '../properties.js'
import { empty, field, kind, onf } from './kind.js'

/** Versions as a bitmap of 32-bit words, lowest first: bit n is wire version n. */
const bitmap: Codec<number[]> = {
  encode(w, versions) {
    const words = Array.from({ length: Math.floor(Math.max(0, ...versions) / 32) + 1 }, () => 0)
    for (const version of versions) words[version >>> 5] = (words[version >>> 5] ?? 0) | (1 << (version & 31))
    for (const word of words) w.u32(word)
  },
  decode(r) {
    const versions: number[] = []
    for (let base = 0; r.remaining >= 4; base += 32) {
      const word = r.u32()
      for (let bit = 0; bit < 32; bit++) if (((word >>> bit) & 1) === 1) versions.push(base + bit)
    }
    return versions
  },
}

const helloElements = { versions: property(1, bitmap) }

/** `versions`: wire versions that the sender speaks. A hello of any version, elements of any kind, is understood. */
export const hello = kind('hello', 0, properties(helloElements))
export type HelloBody = PropertiesOf<typeof helloElements>

export const echoRequest = kind('echoRequest', 2, field('data', rest))
export const echoReply = kind('echoReply', 3, field('data', rest))

export const featuresRequest = kind('featuresRequest', 5, empty)
export const featuresReply = kind(
  'featuresReply',
  6,
  struct({
    datapathId: u64,
    buffers: u32,
    tables: u8,
    auxiliary: u8,
    _: pad(2),
    /** OFPC_*. */
    capabilities: u32,
    reserved: u32,
  }),
)

const configuration = struct({ flags: u16, missSendLength: u16 })
export const getConfigRequest = kind('getConfigRequest', 7, empty)
export const getConfigReply = kind('getConfigReply', 8, configuration)
export const setConfig = kind('setConfig', 9, configuration)

export const barrierRequest = kind('barrierRequest', 20, empty)
export const barrierReply = kind('barrierReply', 21, empty)

const roleName = named(u32, { nochange: 0, equal: 1, primary: 2, secondary: 3 })
const role = struct({ role: roleName, shortId: optional(u32, 0), generationId: u64 })
export const roleRequest = kind('roleRequest', 24, role)
export const roleReply = kind('roleReply', 25, role)
export const roleStatus = kind(
  'roleStatus',
  [{ type: 30, first: 5 }, onf(1911)],
  join(
    struct({
      role: roleName,
      reason: named(u8, { primaryRequest: 0, configuration: 1, experimenter: 2 }),
      _: pad(3),
      generationId: u64,
    }),
    properties({}),
  ),
)

/** A message of an extension that we do not know, or that its own kind cannot hold. */
export const experimenter = kind('experimenter', 4, struct({ experimenter: u32, subtype: u32, data: rest }))

/** Another controller's group or meter change, forwarded (§7.4.6). */
export const requestForward = kind(
  'requestForward',
  [{ type: 32, first: 5 }, onf(2350)],
  field('request', rest),
)

export interface ErrorBody {
  errorType: number
  errorCode: number
  /** Whose error it is, in the case of type 0xffff. */
  experimenter?: number
  /** The first bytes of the message that failed, at least 64 unless it is shorter. */
  data: Buffer
}

/** OpenFlow 1.5.1, §7.5.4. */
const errorBody: Codec<ErrorBody> = {
  encode(w, value) {
    w.u16(value.errorType)
    w.u16(value.errorCode)
    if (value.errorType === 0xffff) w.u32(value.experimenter ?? 0)
    w.bytes(value.data)
  },
  decode(r) {
    const errorType = r.u16()
    const errorCode = r.u16()
    if (errorType !== 0xffff) return { errorType, errorCode, data: r.rest() }
    return { errorType, errorCode, experimenter: r.u32(), data: r.rest() }
  },
}
export const error = kind('error', 1, errorBody)
