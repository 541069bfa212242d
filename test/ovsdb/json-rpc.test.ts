import { once } from 'node:events'
import { type Duplex, duplexPair } from 'node:stream'
import test from 'ava'
import { ConnectionError, ProtocolError, RequestError, TimeoutError } from '../../src/ovsdb/errors.js'
import type { Json } from '../../src/ovsdb/json.js'
import { JsonRpc } from '../../src/ovsdb/json-rpc.js'
import { ManualTimer } from './support/manual-timer.js'

function setUp() {
  const [stream, peer] = duplexPair()
  const clock = new ManualTimer()
  const notifications: Json[] = []
  const { promise: closed, resolve: onClose } = withResolvers<Error>()
  const rpc = new JsonRpc(stream, {
    probeIntervalMs: 5000,
    maxTextBytes: 1000,
    timer: clock.timer,
    onNotification: (method, params) => notifications.push([method, params]),
    onClose,
  })
  return { rpc, peer, clock, notifications, closed }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** The next messages of the client that are written in one go. */
async function next(peer: Duplex): Promise<Json> {
  const [chunk] = await once(peer, 'data')
  return JSON.parse(String(chunk))
}

test('a request is JSON-RPC 1.0 and gets its own reply, whatever the order', async (t) => {
  const { rpc, peer } = setUp()
  const sent = next(peer)
  const first = rpc.request('a', [1], (result) => ['first', result])
  t.deepEqual(await sent, { method: 'a', params: [1], id: 1 })
  const second = rpc.request('b', [], (result) => ['second', result])
  peer.write('{"id":2,"result":"B","error":null}{"id":1,"result":"A"}')
  t.deepEqual(await first, ['first', 'A'])
  t.deepEqual(await second, ['second', 'B'])
})

test('a result is read before the message behind it', async (t) => {
  const { rpc, peer, notifications } = setUp()
  const seen = rpc.request('a', [], () => notifications.length)
  peer.write('{"id":1,"result":{},"error":null}{"method":"update","params":[null,{}],"id":null}')
  t.is(await seen, 0)
  t.deepEqual(notifications, [['update', [null, {}]]])
})

test('errors of the server are request errors, also without a result', async (t) => {
  const { rpc, peer } = setUp()
  const request = rpc.request('a', [], String)
  peer.write('{"id":1,"error":"unknown method"}')
  const error = await t.throwsAsync(request, { instanceOf: RequestError, code: 'request' })
  t.like(error, { method: 'a', error: 'unknown method' })
})

test('an echo is answered, another request is refused', async (t) => {
  const { peer } = setUp()
  const echo = next(peer)
  peer.write('{"method":"echo","params":["x",1],"id":"echo"}')
  t.deepEqual(await echo, { id: 'echo', result: ['x', 1], error: null })
  const refusal = next(peer)
  peer.write('{"method":"reboot","params":[],"id":9}')
  t.deepEqual(await refusal, { id: 9, result: null, error: 'unknown method' })
})

test('a silent peer is probed, then given up', async (t) => {
  const { rpc, peer, clock, closed } = setUp()
  const waiting = rpc.request('a', [], String)
  await next(peer)
  const probe = next(peer)
  clock.advance(5000)
  t.deepEqual(await probe, { method: 'echo', params: [], id: 'echo' })
  clock.advance(5000)
  t.true((await closed) instanceof ConnectionError)
  const error = await t.throwsAsync(waiting, { instanceOf: ConnectionError, code: 'connection' })
  t.true(error.mayHaveBeenApplied)
})

test('any byte is a sign of life', async (t) => {
  const { rpc, peer, clock } = setUp()
  const reply = rpc.request('a', [], String)
  for (const byte of '{"id":1,"result":"slow"') {
    peer.write(byte)
    await new Promise(setImmediate)
    clock.advance(5000)
  }
  peer.write('}')
  t.is(await reply, 'slow')
})

test('without a connection nothing is sent, and the error says so', async (t) => {
  const { rpc, peer, closed } = setUp()
  peer.end()
  await closed
  const error = await t.throwsAsync(rpc.request('a', [], String), { instanceOf: ConnectionError })
  t.false(error.mayHaveBeenApplied)
})

test('a request that expires is cancelled, and its late reply is no error', async (t) => {
  const { rpc, peer, clock } = setUp()
  const late = rpc.request('a', [], String, { timeoutMs: 100 })
  await next(peer)
  const cancel = next(peer)
  clock.advance(100)
  const error = await t.throwsAsync(late, { instanceOf: TimeoutError, code: 'timeout' })
  t.true(error.mayHaveBeenApplied)
  t.deepEqual(await cancel, { method: 'cancel', params: [1], id: null })
  peer.write('{"id":1,"result":null,"error":"canceled"}')
  const after = rpc.request('b', [], String)
  peer.write('{"id":2,"result":"fine","error":null}')
  t.is(await after, 'fine')
})

for (const [what, text] of [
  ['junk', 'HTTP/1.1 400 Bad Request'],
  ['broken JSON', '{"id":}'],
  ['a reply to nothing', '{"id":7,"result":1,"error":null}'],
  ['a request without parameters', '{"method":"x","params":3,"id":1}'],
  ['an endless text', `{"x":"${'x'.repeat(1000)}`],
] as const) {
  test(`${what} ends the connection with a protocol error`, async (t) => {
    const { peer, closed } = setUp()
    peer.write(text)
    t.true((await closed) instanceof ProtocolError)
  })
}
