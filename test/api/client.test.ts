import test from 'ava'
import { AnswerError, Client, UnreachableError } from '../../src/api/client.js'
import { flowView, hostStatus, logEntry } from '../support/fake-controller.js'
import { serveFake } from '../support/serve-fake.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

test('every method brings the controller’s own answer', async (t) => {
  const { controller, socket } = await serveFake(t)
  const client = new Client(socket)
  controller.explanation = {
    cookie: '0x28000000000001',
    table: 40,
    tableName: 'policy',
    rule: 'allow',
    source: { object: 'Policy/usr1/web', file: 'usr1.yaml', line: 12 },
    hosts: ['vm1'],
  }
  t.deepEqual(await client.status(), controller.current)
  t.deepEqual(await collect(client.get('workload')), controller.objects)
  t.deepEqual(await client.explain(0x28000000000001n), controller.explanation)
  t.is(await client.explain(0xffff_ffff_ffff_ffffn), null)
  t.is(await client.reread(), null)
  t.is(controller.rereads, 1)
})

test('decisions: those that are remembered, then those that come, until the client leaves', async (t) => {
  const { controller, socket } = await serveFake(t)
  const client = new Client(socket)
  const query = { tenant: 'usr1', workload: 'a', policy: 'web' }
  t.deepEqual(await collect(client.log(query)), controller.logged)
  t.deepEqual(controller.logQueries, [query])
  const hosts: string[] = []
  for await (const { host } of client.followLog({})) {
    hosts.push(host)
    if (hosts.length === 3) break
    controller.decisions.next(logEntry({ host: `vm${hosts.length + 1}` }))
    while (!controller.decisions.observed) await new Promise((resolve) => setImmediate(resolve))
  }
  t.deepEqual(hosts, ['vm1', 'vm2', 'vm3'])
  while (controller.decisions.observed) await new Promise((resolve) => setImmediate(resolve))
  t.pass()
})

test('a query reaches the controller as it was asked', async (t) => {
  const { controller, socket } = await serveFake(t)
  const query = { host: 'vm1', tenant: 'usr1', workload: 'a', policy: 'web', table: '40' }
  await collect(new Client(socket).flows(query))
  t.deepEqual(controller.queries, [query])
})

test('50,000 flows arrive in order, in many small texts', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.served = (function* () {
    for (let n = 0; n < 50_000; n++) yield flowView({ priority: n })
  })()
  const flows = await collect(new Client(socket).flows({}))
  t.is(flows.length, 50_000)
  t.true(flows.every((flow, n) => flow.priority === n))
})

test('the controller reads no more flows than a client takes', async (t) => {
  const { controller, socket } = await serveFake(t)
  let produced = 0
  let left = false
  controller.served = (async function* () {
    try {
      for (; produced < 1_000_000; produced++) yield flowView()
    } finally {
      left = true
    }
  })()
  for await (const _flow of new Client(socket).flows({})) break
  await t.notThrowsAsync(new Client(socket).status())
  while (!left) await new Client(socket).status()
  t.true(produced < 100_000, `${produced} flows were produced for a client that took one`)
})

test('an event follows its subscription, until the client leaves', async (t) => {
  const { controller, socket } = await serveFake(t)
  const event = { event: 'added' as const, flow: flowView() }
  const events = new Client(socket).follow({ host: 'vm1' })
  const first = events.next()
  while (!controller.events.observed) await new Client(socket).status()
  controller.events.next(event)
  t.deepEqual((await first).value, event)
  await events.return(undefined)
  while (controller.events.observed) await new Client(socket).status()
  t.false(controller.events.observed)
})

test('a request error keeps its code', async (t) => {
  const { socket } = await serveFake(t)
  const client = new Client(socket)
  const kind = await t.throwsAsync(collect(client.get('nothing')), { instanceOf: AnswerError })
  t.like(kind, { code: 'unknown-kind', message: 'there is no kind nothing' })
  const flows = await t.throwsAsync(collect(client.flows({ host: 'vm9' })), { instanceOf: AnswerError })
  t.is(flows.code, 'unknown-host')
  const follow = await t.throwsAsync(collect(client.follow({ host: 'vm9' })), { instanceOf: AnswerError })
  t.is(follow.code, 'unknown-host')
})

test('without a controller the error names the socket', async (t) => {
  const path = `${await temporaryDirectory(t)}/none.sock`
  const error = await t.throwsAsync(new Client(path).status(), { instanceOf: UnreachableError })
  t.is(error.message, `no controller answers at ${path}: there is no such socket`)
})

test('wait answers once the status has converged, after a reread', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.onReread = () => controller.change({ converged: false })
  const answer = new Client(socket).wait(600)
  while (controller.rereads === 0 || !controller.changes.observed) await new Client(socket).status()
  controller.change({ converged: true, revision: 13 })
  t.like(await answer, { converged: true, revision: 13 })
})

test('wait answers with the status as it is when the time is over', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.change({ converged: false, hosts: [hostStatus('vm1', { revision: 11 })] })
  t.deepEqual(await new Client(socket).wait(0.01), controller.current)
})

test('watch brings the status now and after a change', async (t) => {
  const { controller, socket } = await serveFake(t)
  const statuses = new Client(socket).watch()
  t.is((await statuses.next()).value?.revision, 12)
  controller.change({ revision: 13 })
  t.is((await statuses.next()).value?.revision, 13)
  await statuses.return(undefined)
})
