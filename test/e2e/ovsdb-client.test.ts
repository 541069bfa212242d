import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import {
  CanceledError,
  ConnectionError,
  connect,
  lock,
  OperationError,
  steal,
  TimeoutError,
  Transaction,
  unlock,
} from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { tables } from '../ovsdb/support/tables.js'

const run = promisify(execFile)
const database = 'Open_vSwitch'

async function setUp(t: ExecutionContext, ...remotes: string[]) {
  const server = await OvsdbServer.start(remotes)
  t.teardown(() => server.stop())
  const dial = async () => {
    const client = await connect(server.endpoint)
    t.teardown(() => client.close())
    return client
  }
  return { server, dial }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

function waiting(timeoutMs?: number) {
  const tx = new Transaction(tables)
  tx.wait('Open_vSwitch', {
    where: [],
    columns: ['next_cfg'],
    until: '==',
    rows: [{ next_cfg: 1 }],
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  return tx.operations
}

test('databases and schemas are told', async (t) => {
  const { dial } = await setUp(t)
  const client = await dial()
  t.deepEqual(await client.listDatabases(), ['Open_vSwitch', '_Server'])
  const schema = await client.schema(database)
  t.deepEqual(schema.tables.get('QoS')?.get('queues'), {
    key: 'integer',
    value: 'uuid',
    min: 0,
    max: Infinity,
  })
  t.deepEqual(schema.tables.get('Port')?.get('tag'), { key: 'integer', value: undefined, min: 0, max: 1 })
})

test('a wait can time out, be cancelled, be given up, or be fulfilled by another client', async (t) => {
  const { dial } = await setUp(t)
  const [client, other] = [await dial(), await dial()]
  const timedOut = await t.throwsAsync(client.transact(database, waiting(0)), { instanceOf: OperationError })
  t.is(timedOut.error, 'timed out')

  const abort = new AbortController()
  const cancelled = client.transact(database, waiting(), { signal: abort.signal })
  abort.abort()
  await t.throwsAsync(cancelled, { instanceOf: CanceledError })
  await t.throwsAsync(client.transact(database, waiting(), { timeoutMs: 20 }), { instanceOf: TimeoutError })

  const fulfilled = client.transact(database, waiting())
  const tx = new Transaction(tables)
  tx.insert('Open_vSwitch', { next_cfg: 1 })
  tx.commit({ durable: true })
  await other.transact(database, tx.operations)
  t.deepEqual(await fulfilled, [{}])
})

test('a lock goes to one client at a time, and a transaction can insist on it', async (t) => {
  const { dial } = await setUp(t)
  const [first, second] = [await dial(), await dial()]
  const seen: string[] = []
  const { promise: granted, resolve: grant } = signal()
  const { promise: lost, resolve: lose } = signal()
  t.true(await lock(first, 'l', (held) => seen.push(`first ${held}`)))
  t.false(
    await lock(second, 'l', (held) => {
      seen.push(`second ${held}`)
      if (held) grant()
      else if (seen.includes('second true')) lose()
    }),
  )
  const insist = new Transaction(tables)
  insist.assert('l')
  await first.transact(database, insist.operations)
  const refused = await t.throwsAsync(second.transact(database, insist.operations), {
    instanceOf: OperationError,
  })
  t.is(refused.error, 'not owner')
  await unlock(first, 'l')
  await granted
  await second.transact(database, insist.operations)
  t.true(await steal(first, 'l', (held) => seen.push(`first ${held}`)))
  await lost
  const of = (who: string) => seen.filter((entry) => entry.startsWith(who))
  t.deepEqual(of('first'), ['first true', 'first true'])
  t.deepEqual(of('second'), ['second false', 'second true', 'second false'])
})

test('over TCP the client knows its own end', async (t) => {
  const port = await freePort()
  const { server } = await setUp(t, `--remote=ptcp:${port}:127.0.0.1`)
  const client = await connect(`tcp:127.0.0.1:${port}`)
  t.teardown(() => client.close())
  t.deepEqual(await client.listDatabases(), ['Open_vSwitch', '_Server'])
  t.is(client.localAddress?.address, '127.0.0.1')
  t.true(
    client.localAddress !== undefined && client.localAddress.port > 0 && client.localAddress.port !== port,
  )
  await server.kill()
  t.true((await client.closed) instanceof ConnectionError)
  await t.throwsAsync(connect(`tcp:127.0.0.1:${port}`), {
    instanceOf: ConnectionError,
    message: /ECONNREFUSED/,
  })
})

test('over TLS both sides prove who they are', async (t) => {
  const pki = await mkdtemp(join(tmpdir(), 'ovsdb-pki-'))
  t.teardown(() => rm(pki, { recursive: true, force: true }))
  const [key, cert] = [join(pki, 'key.pem'), join(pki, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=ovsdb']
  await run('openssl', [...request, '-keyout', key, '-out', cert])
  const port = await freePort()
  await setUp(
    t,
    `--remote=pssl:${port}:127.0.0.1`,
    `--private-key=${key}`,
    `--certificate=${cert}`,
    `--ca-cert=${cert}`,
  )
  const tls = { key: await readFile(key), cert: await readFile(cert), ca: await readFile(cert) }
  const client = await connect(`ssl:127.0.0.1:${port}`, { tls })
  t.teardown(() => client.close())
  t.deepEqual(await client.listDatabases(), ['Open_vSwitch', '_Server'])
  await t.throwsAsync(connect(`ssl:127.0.0.1:${port}`, { tls: { key: tls.key, cert: tls.cert } }), {
    instanceOf: ConnectionError,
    message: /self.signed/,
  })
})

function signal() {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve: () => resolve() }
}
