import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import type { HttpOptions } from '../../src/api/http-options.js'
import { serveHttp } from '../../src/api/http-server.js'
import { RpcServer } from '../../src/api/rpc-server.js'
import { FakeController, flowView } from '../support/fake-controller.js'
import { silent } from '../support/serve-fake.js'

async function serve(t: ExecutionContext, options: Partial<HttpOptions> = {}) {
  const controller = new FakeController()
  const all: HttpOptions = { host: '127.0.0.1', port: 0, ...options }
  const serving = await serveHttp(controller, new RpcServer(controller, silent), all, () => true, silent)
  t.teardown(() => serving.close())
  return { controller, url: `${serving.url.replace('http', 'ws')}/rpc` }
}

/** Messages as they come. */
async function* messages(socket: WebSocket): AsyncGenerator<Record<string, unknown>> {
  const waiting: string[] = []
  let wake = () => {}
  socket.on('message', (data) => {
    waiting.push(String(data))
    wake()
  })
  socket.on('close', () => wake())
  for (;;) {
    const text = waiting.shift()
    if (text !== undefined) yield JSON.parse(text)
    else if (socket.readyState !== WebSocket.OPEN) return
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
}

async function open(url: string, protocols: string[] = [], headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, protocols, { headers })
  const read = messages(socket)
  await once(socket, 'open')
  return { socket, read }
}

/** The HTTP status with which a WebSocket is refused. */
async function refused(
  url: string,
  headers: Record<string, string> = {},
  protocols: string[] = [],
): Promise<number> {
  const socket = new WebSocket(url, protocols, { headers })
  const [request, response] = await once(socket, 'unexpected-response')
  request.destroy()
  return response.statusCode
}

test('the methods are the same as on the socket', async (t) => {
  const { controller, url } = await serve(t)
  const { socket, read } = await open(url)
  socket.send('{"jsonrpc":"2.0","id":1,"method":"status"}')
  t.deepEqual((await read.next()).value, { jsonrpc: '2.0', id: 1, result: controller.current })
  socket.send('nonsense')
  t.like((await read.next()).value, { id: null, error: { code: -32700 } })
  socket.close()
})

test('50,000 flows come in batches, then the answer', async (t) => {
  const { controller, url } = await serve(t)
  controller.served = Array.from({ length: 50_000 }, (_, priority) => flowView({ priority }))
  const { socket, read } = await open(url)
  socket.send('{"jsonrpc":"2.0","id":1,"method":"flows","params":{"subscription":"s"}}')
  let count = 0
  for await (const message of read) {
    if (message.id === 1) {
      t.deepEqual(message.result, { count: 50_000 })
      break
    }
    const { subscription, items } = message.params as { subscription: string; items: unknown[] }
    t.is(subscription, 's')
    t.true(items.length <= 256)
    count += items.length
  }
  t.is(count, 50_000)
  socket.close()
})

test('a subscription ends with its client', async (t) => {
  const { controller, url } = await serve(t)
  const { socket, read } = await open(url)
  socket.send('{"jsonrpc":"2.0","id":1,"method":"follow","params":{"subscription":1}}')
  t.like((await read.next()).value, { method: 'follow', params: { subscription: 1, items: [] } })
  t.true(controller.events.observed)
  socket.terminate()
  while (controller.events.observed) await new Promise((resolve) => setImmediate(resolve))
  t.false(controller.events.observed)
})

test('a message that is too long closes its connection alone', async (t) => {
  const { url } = await serve(t)
  const { socket } = await open(url)
  const closed = once(socket, 'close')
  socket.send('x'.repeat((1 << 20) + 1))
  t.is((await closed)[0], 1009)
  const other = await open(url)
  other.socket.close()
})

test('pages from elsewhere are refused', async (t) => {
  const { url } = await serve(t)
  const own = url.replace(/^ws(.*)\/rpc$/, 'http$1')
  t.is(await refused(url, { origin: 'http://evil.example' }), 403)
  t.is(await refused(url, { host: 'evil.example' }), 403)
  t.is(await refused(url, { host: 'evil.example', origin: 'http://evil.example' }), 403)
  t.is(await refused(url, { origin: 'null' }), 403)
  t.is(await refused(url.replace('/rpc', '/other')), 404)
  const { socket } = await open(url, [], { origin: own })
  socket.close()
})

test('a token is shown in a header or as a protocol', async (t) => {
  const { url } = await serve(t, { token: 'secret' })
  t.is(await refused(url), 401)
  t.is(await refused(url, { authorization: 'Bearer wrong' }), 401)
  t.is(await refused(url, {}, ['sluice', 'bearer.wrong']), 401)
  const byHeader = await open(url, [], { authorization: 'Bearer secret' })
  byHeader.socket.close()
  const byProtocol = await open(url, ['sluice', 'bearer.secret'])
  t.is(byProtocol.socket.protocol, 'sluice')
  byProtocol.socket.close()
})
