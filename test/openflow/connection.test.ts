/** Sessions with a peer that the test plays itself. */
import { Duplex, type Readable } from 'node:stream'
import test from 'ava'
import {
  BundleError,
  type Clock,
  ConnectionClosed,
  type ConnectionOptions,
  DecodeError,
  decodeMessage,
  encodeMessage,
  Framer,
  HandshakeError,
  type Message,
  OpenFlowConnection,
  OpenFlowError,
  type Version,
} from '../../src/openflow/index.js'

/** Time that passes when the test says so. */
class ManualClock implements Clock {
  #now = 0
  readonly #timers = new Set<{ at: number; callback: () => void }>()

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  advance(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers])
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.callback()
  }
}

type Answer = (message: Message) => Message | readonly Message[] | undefined

/** A switch of one version; `answer` is asked for every message after the handshake. */
class FakeSwitch extends Duplex {
  readonly heard: Message[] = []
  readonly #framer = new Framer()

  constructor(
    readonly version: Version,
    readonly answer: Answer = () => undefined,
  ) {
    super()
    this.say({ type: 'hello', xid: 9, versions: [version] })
  }

  say(message: Message): void {
    this.push(encodeMessage(message, this.version))
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const bytes of this.#framer.push(chunk)) this.#hear(decodeMessage(Buffer.from(bytes)))
    done()
  }

  #hear(message: Message): void {
    this.heard.push(message)
    const { xid } = message
    if (message.type === 'featuresRequest') {
      const rest = { buffers: 0, tables: 254, auxiliary: 0, capabilities: 0, reserved: 0 }
      this.say({ type: 'featuresReply', xid, datapathId: 0xabcn, ...rest })
      return
    }
    const own = this.answer(message)
    if (own !== undefined) for (const reply of [own].flat() as Message[]) this.say(reply)
    else if (message.type === 'barrierRequest') this.say({ type: 'barrierReply', xid })
  }
}

function open(peer: FakeSwitch, options: ConnectionOptions = {}): Promise<OpenFlowConnection> {
  return OpenFlowConnection.open(peer, { clock: new ManualClock(), ...options })
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

for (const version of [4, 5, 6] as const)
  test(`the peer's version ${version} is taken`, async (t) => {
    const connection = await open(new FakeSwitch(version))
    t.is(connection.version, version)
    t.is(connection.datapathId, '0000000000000abc')
  })

test('a peer without a common version gets the reason', async (t) => {
  const peer = new FakeSwitch(4)
  const error = await t.throwsAsync(open(peer, { versions: [6] }), { instanceOf: HandshakeError })
  t.regex(error?.message ?? '', /no common version/)
  const failure = peer.heard.find((message) => message.type === 'error')
  t.like(failure, { errorType: 0, errorCode: 0, xid: 9 })
})

test('a hello without versions means those up to its header', async (t) => {
  const peer = new FakeSwitch(5)
  ;(peer as Readable).read()
  peer.say({ type: 'hello', xid: 1 })
  t.is((await open(peer)).version, 5)
})

test('a peer that does not begin with a hello is no session', async (t) => {
  const early = new FakeSwitch(6)
  ;(early as Readable).read()
  early.say({ type: 'barrierReply', xid: 1 })
  await t.throwsAsync(open(early), { instanceOf: HandshakeError, message: /began with barrierReply/ })
  const foreign = new FakeSwitch(6)
  ;(foreign as Readable).read()
  foreign.push(Buffer.from('\x16\x03\x00\x00no OpenFlow', 'latin1'))
  await t.throwsAsync(open(foreign), { instanceOf: HandshakeError })
})

test('a peer that says nothing is given up', async (t) => {
  const clock = new ManualClock()
  const peer = new FakeSwitch(6)
  ;(peer as Readable).read()
  const opened = open(peer, { clock, handshakeMs: 1000 })
  clock.advance(1000)
  await t.throwsAsync(opened, { instanceOf: HandshakeError, message: /no hello within 1000 ms/ })
})

test('replies find their requests in any order', async (t) => {
  const waiting: Message[] = []
  const peer = new FakeSwitch(6, (message) => {
    if (message.type !== 'getConfigRequest') return undefined
    waiting.push(message)
    if (waiting.length < 2) return []
    return waiting
      .reverse()
      .map(({ xid }) => ({ type: 'getConfigReply', xid, flags: 0, missSendLength: xid }))
  })
  const connection = await open(peer)
  const [a, b] = await Promise.all([
    connection.request({ type: 'getConfigRequest' }),
    connection.request({ type: 'getConfigRequest' }),
  ])
  t.is(a.missSendLength, a.xid)
  t.is(b.missSendLength, b.xid)
  t.not(a.xid, b.xid)
})

test('an error rejects its request with its names; another reply does so too', async (t) => {
  const peer = new FakeSwitch(6, ({ type, xid }) => {
    if (type === 'descRequest')
      return { type: 'error', xid, errorType: 1, errorCode: 5, data: Buffer.alloc(0) }
    if (type === 'getConfigRequest') return { type: 'barrierReply', xid }
    return undefined
  })
  const connection = await open(peer)
  const error = await t.throwsAsync(connection.multipart({ type: 'descRequest' }), {
    instanceOf: OpenFlowError,
  })
  t.is(error?.typeName, 'OFPET_BAD_REQUEST')
  t.is(error?.codeName, 'OFPBRC_EPERM')
  await t.throwsAsync(connection.request({ type: 'getConfigRequest' }), { instanceOf: DecodeError })
})

test('all parts of a multipart reply come, and none after the last', async (t) => {
  const tables = (table: number) => [{ table, active: 0, lookups: 0n, matches: 0n }]
  const peer = new FakeSwitch(6, ({ type, xid }) =>
    type === 'tableStatsRequest'
      ? [
          { type: 'tableStatsReply', xid, more: true, tables: tables(0) },
          { type: 'tableStatsReply', xid, more: true, tables: tables(1) },
          { type: 'tableStatsReply', xid, tables: tables(2) },
        ]
      : undefined,
  )
  const connection = await open(peer)
  const parts = await connection.multipart({ type: 'tableStatsRequest' })
  t.deepEqual(
    parts.flatMap((part) => part.tables.map(({ table }) => table)),
    [0, 1, 2],
  )
  const failing = connection.multipartBytes({ type: 'tableStatsRequest' }, () => {
    throw new DecodeError('broken', 0)
  })
  await t.throwsAsync(failing, { message: /broken/ })
  await connection.barrier()
})

test('a dead connection rejects all that wait, once and for all', async (t) => {
  const peer = new FakeSwitch(6, () => [])
  const connection = await open(peer)
  const waiting = [connection.barrier(), connection.multipart({ type: 'descRequest' }), connection.bundle([])]
  const settled = Promise.allSettled(waiting)
  await turn()
  peer.push(null)
  for (const result of await settled) {
    t.is(result.status, 'rejected')
    if (result.status === 'rejected') {
      const reason = result.reason instanceof BundleError ? result.reason.cause : result.reason
      t.true(reason instanceof ConnectionClosed)
    }
  }
  t.is((await connection.closed).reason, 'peer')
  await t.throwsAsync(connection.barrier(), { instanceOf: ConnectionClosed })
})

test('echoes are answered; an idle peer is asked and then given up', async (t) => {
  const clock = new ManualClock()
  const peer = new FakeSwitch(6)
  const connection = await open(peer, { clock, idleMs: 100, silenceMs: 300 })
  peer.say({ type: 'echoRequest', xid: 77, data: Buffer.from('hi') })
  await turn()
  t.deepEqual(peer.heard.at(-1), { type: 'echoReply', xid: 77, data: Buffer.from('hi') })
  clock.advance(100)
  await turn()
  const probe = peer.heard.at(-1)
  t.is(probe?.type, 'echoRequest')
  peer.say({ type: 'echoReply', xid: probe?.xid ?? 0, data: Buffer.alloc(0) })
  await turn()
  clock.advance(200)
  await turn()
  t.is(peer.heard.filter(({ type }) => type === 'echoRequest').length, 2)
  clock.advance(200)
  t.is((await connection.closed).reason, 'silence')
})

test('events come in order, the first ones too, and a broken message is a fault', async (t) => {
  const peer = new FakeSwitch(6)
  const connection = await open(peer)
  const seen: string[] = []
  const faults: Buffer[] = []
  connection.events.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('end') })
  connection.faults.subscribe(({ bytes }) => faults.push(bytes))
  peer.say({ type: 'roleStatus', xid: 0, role: 'equal', reason: 'configuration', generationId: 1n })
  const broken = Buffer.from('060b000c0000000000000000', 'hex')
  peer.push(broken)
  peer.say({ type: 'error', xid: 4711, errorType: 1, errorCode: 1, data: Buffer.alloc(0) })
  await turn()
  await connection.close()
  t.deepEqual(seen, ['roleStatus', 'error', 'end'])
  t.deepEqual(faults, [broken])
})

test('a bundle whose message is refused is discarded, not committed', async (t) => {
  const peer = new FakeSwitch(6, (message) => {
    const { type, xid } = message
    if (type === 'bundleControl' && typeof message.control === 'string')
      return { ...message, control: message.control.replace('Request', 'Reply') as 'openReply' }
    const refused = type === 'bundleAdd' && message.message.readUInt8(24) === 3
    return refused ? { type: 'error', xid, errorType: 5, errorCode: 1, data: Buffer.alloc(0) } : undefined
  })
  const connection = await open(peer)
  const mods = Array.from({ length: 5 }, (_, table) =>
    encodeMessage({ type: 'flowMod', xid: 0, command: 'add', table, match: {}, actions: [] }, 6),
  )
  const controls = () =>
    peer.heard.flatMap((message) => (message.type === 'bundleControl' ? [message.control] : []))
  const error = await t.throwsAsync(connection.bundle(mods), { instanceOf: BundleError })
  t.is(error?.index, 3)
  t.deepEqual(controls(), ['openRequest', 'closeRequest', 'discardRequest'])
  await connection.bundle(mods.slice(0, 3))
  t.deepEqual(controls().slice(3), ['openRequest', 'closeRequest', 'commitRequest'])
  const wrongVersion = encodeMessage({ type: 'barrierRequest', xid: 1 }, 4)
  const encoding = await t.throwsAsync(connection.bundle([...mods.slice(0, 2), wrongVersion]), {
    instanceOf: BundleError,
  })
  t.is(encoding?.index, 2)
  t.deepEqual(controls().slice(6), ['openRequest', 'discardRequest'])
})

test('messages applied together are refused together', async (t) => {
  const peer = new FakeSwitch(6, ({ type, xid }) =>
    type === 'meterMod'
      ? { type: 'error', xid, errorType: 12, errorCode: 1, data: Buffer.alloc(0) }
      : undefined,
  )
  const connection = await open(peer)
  const group = { type: 'groupMod', command: 'add', group: 1 } as const
  await connection.apply([group])
  const meter = { type: 'meterMod', command: 'add', meter: 1, bands: [] } as const
  const error = await t.throwsAsync(connection.apply([group, meter]), { instanceOf: OpenFlowError })
  t.is(error?.codeName, 'OFPMMFC_METER_EXISTS')
})
