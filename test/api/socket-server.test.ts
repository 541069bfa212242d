import { chmod, lstat, rename, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import test from 'ava'
import { Client } from '../../src/api/client.js'
import { RpcServer } from '../../src/api/rpc-server.js'
import { serveUnixSocket } from '../../src/api/socket-server.js'
import { checkSocketFree, SocketError } from '../../src/api/unix-socket.js'
import { FakeController } from '../support/fake-controller.js'
import { RawClient } from '../support/raw-client.js'
import { serveFake, silent } from '../support/serve-fake.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const rpc = () => new RpcServer(new FakeController(), silent)

test('only the owner may use the socket, in a directory that others cannot write', async (t) => {
  const { socket } = await serveFake(t)
  t.is((await stat(socket)).mode & 0o777, 0o600)
  t.is((await stat(dirname(socket))).mode & 0o777 & ~0o755, 0)
})

test('the socket of a dead process is replaced', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'a.sock')
  const moved = join(directory, 'b.sock')
  const dead = createServer()
  await new Promise<void>((resolve) => dead.listen(moved, resolve))
  await rename(moved, path)
  await new Promise<void>((resolve) => dead.close(() => resolve()))
  t.true((await lstat(path)).isSocket())
  const serving = await serveUnixSocket(path, rpc(), silent)
  t.is((await new Client(path).status()).revision, 12)
  await serving.close()
  await t.throwsAsync(lstat(path), { code: 'ENOENT' })
})

test('a live socket is left alone', async (t) => {
  const { socket } = await serveFake(t)
  const error = await t.throwsAsync(serveUnixSocket(socket, rpc(), silent), { instanceOf: SocketError })
  t.is(error.code, 'in-use')
  t.true(error.message.includes(socket))
  t.is((await new Client(socket).status()).revision, 12)
})

test('a file that is no socket is left alone', async (t) => {
  const path = join(await temporaryDirectory(t), 'file')
  await writeFile(path, 'text')
  await chmod(path, 0o600)
  const error = await t.throwsAsync(checkSocketFree(path), { instanceOf: SocketError })
  t.is(error.code, 'not-a-socket')
})

test('a path that is too long is an error that names it', async (t) => {
  const path = join(await temporaryDirectory(t), 'x'.repeat(120), 'a.sock')
  const error = await t.throwsAsync(serveUnixSocket(path, rpc(), silent), { instanceOf: SocketError })
  t.is(error.code, 'cannot-listen')
  t.true(error.message.includes(path))
})

test('what is not JSON gets an error, and the connection survives', async (t) => {
  const { socket } = await serveFake(t)
  const client = await RawClient.connect(socket)
  for (const text of ['{', 'nonsense', '{"jsonrpc":"2.0",']) {
    client.send(text)
    t.like(await client.next(), { id: null, error: { code: -32700 } })
  }
  client.request(1, 'status')
  t.like(await client.next(), { id: 1, result: { revision: 12 } })
  client.socket.destroy()
})

test('what is not a request gets an error', async (t) => {
  const { socket } = await serveFake(t)
  const client = await RawClient.connect(socket)
  for (const text of [
    'null',
    '0',
    '"text"',
    '[null]',
    '[1,2]',
    '{}',
    '{"jsonrpc":"1.0","method":"status"}',
  ]) {
    client.send(text)
    t.like(await client.next(), { error: { code: -32600 } }, text)
  }
  client.send('{"id":7,"method":"status"}')
  t.like(await client.next(), { id: 7, error: { code: -32600 } })
  client.socket.destroy()
})

test('an unknown method and wrong parameters get an error', async (t) => {
  const { socket } = await serveFake(t)
  const client = await RawClient.connect(socket)
  client.request(1, 'nothing')
  t.like(await client.next(), { id: 1, error: { code: -32601 } })
  client.request(2, 'explain', { cookie: '0x1ffffffffffffffff' })
  t.like(await client.next(), { id: 2, error: { code: -32602, data: { code: 'invalid-parameters' } } })
  client.request(3, 'flows', { subscription: 1, query: { hots: 'vm1' } })
  t.like(await client.next(), { id: 3, error: { code: -32602 } })
  client.request(4, 'get', { subscription: 1, kind: 'nothing' })
  t.like(await client.next(), { id: 4, error: { code: -32000, data: { code: 'unknown-kind' } } })
  client.socket.destroy()
})

test('a notification gets no answer, a batch one text', async (t) => {
  const { socket } = await serveFake(t)
  const client = await RawClient.connect(socket)
  client.send('{"jsonrpc":"2.0","method":"status"}')
  client.send('[{"jsonrpc":"2.0","method":"status","id":1},{"jsonrpc":"2.0","method":"none","id":2}]')
  const answers = await client.next()
  t.true(Array.isArray(answers))
  t.like(answers, [{ id: 1 }, { id: 2, error: { code: -32601 } }])
  client.socket.destroy()
})

test('a line that is too long gets an error and ends the connection, and nothing else', async (t) => {
  const { socket } = await serveFake(t)
  const client = await RawClient.connect(socket)
  client.socket.write('x'.repeat((1 << 20) + 2))
  t.like(await client.next(), { id: null, error: { data: { code: 'line-too-long' } } })
  t.is(await client.next(), undefined)
  t.is((await new Client(socket).status()).revision, 12)
})

test('a client that says no more still gets its answers', async (t) => {
  const { socket } = await serveFake(t)
  const client = await RawClient.connect(socket)
  client.socket.end('{"jsonrpc":"2.0","method":"status","id":1}')
  t.like(await client.next(), { id: 1, result: { revision: 12 } })
  t.is(await client.next(), undefined)
})

test('a client that leaves in the middle of a text harms nobody', async (t) => {
  const { socket } = await serveFake(t)
  for (let n = 0; n < 20; n++) {
    const client = await RawClient.connect(socket)
    client.request(1, 'flows', { subscription: 1 })
    client.socket.write('{"jsonrpc"')
    client.socket.destroy()
  }
  t.is((await new Client(socket).status()).revision, 12)
})

test('a 64-bit number arrives as decimal digits', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.objects = [
    {
      id: 'host/vm1',
      kind: 'Host',
      name: 'vm1',
      file: 'hosts.yaml',
      line: 1,
      datapathId: 0xffff_ffff_ffff_ffffn,
    },
  ]
  const { value } = await new Client(socket).get('host').next()
  t.is(value?.datapathId, '18446744073709551615')
})

test('a connection may have many subscriptions, not any number, and others find room beside them', async (t) => {
  const { controller, socket } = await serveFake(t)
  const client = await RawClient.connect(socket)
  for (let id = 0; id < 32; id++) {
    client.request(id, 'follow', { subscription: id })
    t.like(await client.next(), { method: 'follow', params: { subscription: id, items: [] } })
  }
  client.request(32, 'follow', { subscription: 32 })
  t.like(await client.next(), { id: 32, error: { data: { code: 'too-many' } } })
  client.request(33, 'status')
  t.like(await client.next(), { id: 33, result: { revision: 12 } })
  client.socket.destroy()
  while (controller.events.observed) await new Client(socket).status()
  t.false(controller.events.observed)
})
