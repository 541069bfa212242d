/** Which asynchronous messages the switch sends (OpenFlow 1.5.1, §7.3.10): bitmaps of reasons, apart for the role of secondary. */
import { type Codec, perVersion, struct, u32 } from '../codec.js'
import { type PropertiesOf, properties, property } from '../properties.js'
import { empty, kind, nicira } from './kind.js'

const masks = {
  packetInSecondary: property(0, u32),
  packetIn: property(1, u32),
  portStatusSecondary: property(2, u32),
  portStatus: property(3, u32),
  flowRemovedSecondary: property(4, u32),
  flowRemoved: property(5, u32),
  roleStatusSecondary: property(6, u32),
  roleStatus: property(7, u32),
  tableStatusSecondary: property(8, u32),
  tableStatus: property(9, u32),
  requestForwardSecondary: property(10, u32),
  requestForward: property(11, u32),
} as const

export type AsyncMasks = PropertiesOf<typeof masks>
const async14 = properties(masks)

const wire13 = struct({
  packetIn: u32,
  packetInSecondary: u32,
  portStatus: u32,
  portStatusSecondary: u32,
  flowRemoved: u32,
  flowRemovedSecondary: u32,
})

const none = {
  packetIn: 0,
  packetInSecondary: 0,
  portStatus: 0,
  portStatusSecondary: 0,
  flowRemoved: 0,
  flowRemovedSecondary: 0,
}

const async13: Codec<AsyncMasks> = {
  encode: (w, value, version) => wire13.encode(w, { ...none, ...value }, version),
  decode: (r, version) => wire13.decode(r, version),
}

const asyncMasks = perVersion((version) => (version === 4 ? async13 : async14))

export const getAsyncRequest = kind('getAsyncRequest', 26, empty)
export const getAsyncReply = kind('getAsyncReply', 27, asyncMasks)
/** NXT_SET_ASYNC_CONFIG: the form of OpenFlow 1.3 in all versions. */
export const setAsyncConfig = kind('setAsyncConfig', [nicira(19)], async13)
export const setAsync = kind('setAsync', 28, asyncMasks)
/** NXT_SET_ASYNC_CONFIG2: the form of OpenFlow 1.4 for OpenFlow 1.3. */
export const setAsyncConfig2 = kind('setAsyncConfig2', [{ ...nicira(27), last: 4 }], async14)
