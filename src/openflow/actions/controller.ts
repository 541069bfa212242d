/** Sends a packet to a controller, with all that Open vSwitch can say about it (NXAST_CONTROLLER, NXAST_CONTROLLER2). */
import type { Action } from '../action.js'
import { DecodeError, type Reader, type Writer } from '../bytes.js'
import { UnknownPartError } from '../subfield.js'
import { begin, type Definitions, end, nicira } from './definition.js'

const all = 0xffff
const actionReason = 1

/** Types of the second form's properties. */
const property = { maxLen: 0, id: 1, reason: 2, userdata: 3, pause: 4, meterId: 5 } as const

/** A property: type, length, value, padding to 8 bytes. The length counts the padding of 16-bit numbers only. */
function putProperty(w: Writer, type: number, size: number, put: () => void): void {
  const start = w.length
  w.u16(type)
  w.u16(4 + size)
  put()
  w.pad(8, start)
}

function readProperty(r: Reader): object {
  const start = r.offset
  const type = r.u16()
  const length = r.u16()
  if (length < 4) throw new DecodeError(`property of length ${length}`, start)
  const body = r.window(length - 4)
  r.align(8, start)
  switch (type) {
    case property.maxLen:
      return { maxLen: body.u16() }
    case property.id:
      return { id: body.u16() }
    case property.reason:
      return { reason: body.u8() }
    case property.userdata:
      return { userdata: Buffer.from(body.rest()) }
    case property.pause:
      return { pause: true }
    case property.meterId:
      return { meterId: body.u32() }
    default:
      throw new UnknownPartError(`controller property ${type}`, start)
  }
}

function readProperties(r: Reader): Action {
  r.skip(6)
  let action: Action = { type: 'controller' }
  while (r.remaining > 0) action = { ...action, ...readProperty(r) }
  return action
}

export const controller: Definitions<'controller'> = {
  controller: {
    encode(w, { maxLen = all, reason = actionReason, id = 0, userdata, meterId, pause }) {
      if (userdata === undefined && meterId === undefined && !pause) {
        const start = begin(w, nicira(20))
        w.u16(maxLen)
        w.u16(id)
        w.u8(reason)
        end(w, start)
        return
      }
      const start = begin(w, nicira(37))
      w.zeros(6)
      if (maxLen !== all) putProperty(w, property.maxLen, 4, () => w.u16(maxLen))
      if (id !== 0) putProperty(w, property.id, 4, () => w.u16(id))
      if (reason !== actionReason) putProperty(w, property.reason, 1, () => w.u8(reason))
      if (userdata !== undefined) putProperty(w, property.userdata, userdata.length, () => w.bytes(userdata))
      if (pause) putProperty(w, property.pause, 0, () => undefined)
      if (meterId !== undefined) putProperty(w, property.meterId, 4, () => w.u32(meterId))
      end(w, start)
    },
    decode: {
      [nicira(20)]: (r) => {
        const maxLen = r.u16()
        const id = r.u16()
        const reason = r.u8()
        return {
          type: 'controller',
          ...(maxLen !== all && { maxLen }),
          ...(reason !== actionReason && { reason }),
          ...(id !== 0 && { id }),
        }
      },
      [nicira(37)]: readProperties,
    },
  },
}
