/** Values that the samples of messages share. */
import {
  type Action,
  encodeActions,
  type Match,
  type Message,
  type Version,
  Writer,
} from '../../src/openflow/index.js'

export type Sample = Message extends infer M ? (M extends { xid: number } ? Omit<M, 'xid'> : never) : never

export const match: Match = { inPort: 1, ethType: 0x0800, ipProto: 6, ipv4Dst: '10.0.0.0/24', tcpDst: 80 }
export const actions: Action[] = [
  { type: 'setField', field: 'ethDst', value: '02:00:00:00:00:01' },
  { type: 'output', port: 2 },
  { type: 'gotoTable', table: 7 },
]
export const applied: Action[] = [{ type: 'output', port: 2 }]
export const packet = Buffer.from(
  'ffffffffffff0a0000000001080600010800060400010200000000010a0000010000000000000a000002',
  'hex',
)
export const stats = { durationSec: 5, durationNsec: 250_000_000, packets: 10n, bytes: 980n }
export const flow = { table: 3, priority: 100, idleTimeout: 60, hardTimeout: 600, cookie: 0x1234n, match }
export const port = { port: 3, hardwareAddress: '0a:00:00:00:00:03', name: 'eth3', config: 1, state: 4 }
export const link = {
  current: 0x240,
  advertised: 0,
  supported: 0,
  peer: 0,
  currentSpeed: 10_000_000,
  maxSpeed: 0,
}
export const portCounters = {
  port: 3,
  rxPackets: 1n,
  txPackets: 2n,
  rxBytes: 3n,
  txBytes: 4n,
  rxDropped: 5n,
  txDropped: 6n,
  rxErrors: 7n,
  txErrors: 8n,
  ethernet: { rxFrame: 9n, rxOverrun: 10n, rxCrc: 11n, collisions: 12n },
  durationSec: 60,
  durationNsec: 5_000_000,
}
export const queue = {
  port: 1,
  queue: 2,
  txBytes: 100n,
  txPackets: 5n,
  txErrors: 0n,
  durationSec: 1,
  durationNsec: 500_000_000,
}

export function buckets(version: Version) {
  const id = (n: number) => (version === 6 ? { id: n } : {})
  return [
    { ...id(0), weight: 10, actions: applied },
    { ...id(1), weight: 20, watchPort: 1, actions: [{ type: 'output', port: 3 }] as Action[] },
  ]
}

export function flowMod(version: Version): Extract<Sample, { type: 'flowMod' }> {
  return {
    type: 'flowMod',
    command: 'add',
    cookie: 0x1234n,
    cookieMask: 0n,
    table: 3,
    idleTimeout: 60,
    hardTimeout: 0,
    priority: 100,
    bufferId: 0xffffffff,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    flags: 1,
    ...(version === 4 ? {} : { importance: 9 }),
    match,
    actions,
  }
}

export function groupMod(version: Version): Extract<Sample, { type: 'groupMod' }> {
  return {
    type: 'groupMod',
    command: 'add',
    groupType: 'select',
    group: 5,
    ...(version === 6 ? { bucket: 0xffffffff } : {}),
    buckets: buckets(version),
  }
}

/** What a switch keeps of a packet that it stopped: each of its properties. */
export function continuation(version: Version): Buffer {
  const w = new Writer()
  const property = (type: number, put: () => void): void => {
    const start = w.length
    w.u16(type)
    w.u16(0)
    put()
    w.patchU16(start + 2, w.length - start)
    w.pad(8, start)
  }
  const list = (actions: readonly Action[]) => () => {
    w.zeros(4)
    encodeActions(w, actions, version)
  }
  property(0x8000, () => w.bytes(Buffer.from('0123456789abcdef0011223344556677', 'hex')))
  property(0x8001, () => w.bytes(Buffer.from('00ab', 'hex')))
  property(0x8001, () => w.bytes(Buffer.from('00000000', 'hex')))
  property(0x8001, () => w.bytes(Buffer.alloc(16, 0x12)))
  property(0x8002, () => w.u32(5))
  property(0x8003, () => undefined)
  property(0x8006, list([]))
  property(0x8004, () => w.u8(3))
  property(0x8005, () => {
    w.zeros(4)
    w.u64(1234n)
  })
  property(
    0x8006,
    list([...applied, { type: 'ct', commit: true, nat: { kind: 'src', address: '10.0.0.1' } }]),
  )
  property(0x8007, list(applied))
  property(0x8008, () => w.u32(4))
  return w.finish()
}
