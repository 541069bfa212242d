/**
 * What a switch keeps of a packet that `controller(pause)` stopped. It is private to Open vSwitch, which shows it all the
 * same: the numbers of its properties are those of Open vSwitch 3.1.
 */
import { decodeActions } from '../../actions.js'
import { Reader } from '../../bytes.js'
import { readProperties } from '../../properties.js'
import type { Version } from '../../version.js'
import { formatActions } from '../actions.js'

const Property = {
  bridge: 0x8000,
  stack: 0x8001,
  mirrors: 0x8002,
  conntracked: 0x8003,
  table: 0x8004,
  cookie: 0x8005,
  actions: 0x8006,
  actionSet: 0x8007,
  datapathPort: 0x8008,
} as const

interface Continuation {
  bridge: Buffer
  stack: string[]
  mirrors: number
  conntracked: boolean
  /** Lists of actions to go on with, each after the flow that it is from. */
  actions: string[]
  actionSet: string
  datapathPort: number
}

/** Actions begin at a multiple of 8 bytes, and so do 64-bit numbers. */
const lead = 4

function readContinuation(bytes: Buffer, version: Version): Continuation {
  const found: Continuation = {
    bridge: Buffer.alloc(16),
    stack: [],
    mirrors: 0,
    conntracked: false,
    actions: [],
    actionSet: '',
    datapathPort: 0,
  }
  let [table, cookie] = [0, 0n]
  const actions = (r: Reader): string => {
    r.skip(lead)
    return r.remaining === 0 ? '' : formatActions(decodeActions(r, version))
  }
  readProperties(new Reader(bytes), (type, r) => {
    switch (type) {
      case Property.bridge:
        found.bridge = r.bytes(16)
        break
      case Property.stack:
        found.stack.push(stackText(r.rest()))
        break
      case Property.mirrors:
        found.mirrors = r.u32()
        break
      case Property.conntracked:
        found.conntracked = true
        break
      case Property.table:
        table = r.u8()
        break
      case Property.cookie:
        r.skip(lead)
        cookie = r.u64()
        break
      case Property.actions: {
        const list = actions(r)
        found.actions.push(`unroll_xlate(table=${table}, cookie=${cookie})${list === '' ? '' : `,${list}`}`)
        break
      }
      case Property.actionSet:
        found.actionSet = actions(r)
        break
      case Property.datapathPort:
        found.datapathPort = r.u32()
        break
    }
  })
  return found
}

function stackText(value: Buffer): string {
  const digits = value.toString('hex').replace(/^0+/, '')
  return digits === '' ? '0' : `0x${digits}`
}

/** The switch writes the words of its UUIDs in its own byte order, which is little-endian on all common machines. */
function uuidText(bytes: Buffer): string {
  const digits = Buffer.from(bytes).swap32().toString('hex')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Lines about the continuation; none for what it has not. */
export function continuationText(bytes: Buffer, version: Version): string {
  const { bridge, stack, mirrors, conntracked, actions, actionSet, datapathPort } = readContinuation(
    bytes,
    version,
  )
  const line = (name: string, text: string): string => ` continuation.${name}=${text}\n`
  return [
    bridge.some((byte) => byte !== 0) && line('bridge', uuidText(bridge)),
    stack.length > 0 && line('stack', `(top) ${stack.join(' ')} (bottom)`),
    mirrors !== 0 && line('mirrors', `0x${mirrors.toString(16)}`),
    conntracked && line('conntracked', 'true'),
    actions.length > 0 && line('actions', actions.join(',')),
    actionSet !== '' && line('action_set', actionSet),
    datapathPort !== 0 && line('odp_port', String(datapathPort)),
  ]
    .filter((text) => text !== false)
    .join('')
}
