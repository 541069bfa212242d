import test from 'ava'
import { flowView, hostStatus } from '../support/fake-controller.js'
import { runCli } from '../support/run-cli.js'
import { serveFake } from '../support/serve-fake.js'

const {
  source: _source,
  rule: _rule,
  tableName: _tableName,
  ...bare
} = flowView({ host: 'vm2', table: 7, match: '' })

test('explained: host, table, place, rule, counters, flow', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.served = [flowView(), bare]
  t.deepEqual(await runCli(['flows', '--socket', socket]), {
    status: 0,
    stdout: `vm1  policy  usr1.yaml:12  allow  n_packets=12 n_bytes=1176  priority=200,tcp,tp_dst=80 actions=resubmit(,50)
vm2  table 7  not ours      -      n_packets=12 n_bytes=1176  priority=200 actions=resubmit(,50)
`,
    stderr: '',
  })
  const { stdout } = await runCli(['flows', '--no-stats', '--host', 'vm1', '--socket', socket])
  t.is(stdout, 'vm1  policy  usr1.yaml:12  allow  priority=200,tcp,tp_dst=80 actions=resubmit(,50)\n')
})

test('ovs: the switch’s own lines, with a header only where several hosts are asked', async (t) => {
  const { controller, socket } = await serveFake(t)
  const first = flowView()
  controller.served = [first, first, bare]
  const args = ['flows', '--format', 'ovs', '--socket', socket]
  t.is((await runCli(args)).stdout, `# vm1\n${first.text}\n${first.text}\n# vm2\n${bare.text}\n`)
  t.is((await runCli([...args, '--host', 'vm2', '--no-stats'])).stdout, `${bare.textWithoutStats}\n`)
  controller.change({ hosts: [hostStatus('vm1')] })
  controller.served = [first]
  t.is((await runCli(args)).stdout, `${first.text}\n`)
})

test('flows in a bridge of an operator are named after it, and left out of what is as ovs-ofctl prints it', async (t) => {
  const { controller, socket } = await serveFake(t)
  const [own, outer] = [flowView(), flowView({ bridge: 'br-ex', tableName: 'host-address' })]
  controller.served = [own, outer]
  const explained = (await runCli(['flows', '--no-stats', '--socket', socket])).stdout.split('\n')
  t.regex(explained[0] ?? '', /^vm1 +policy /)
  t.regex(explained[1] ?? '', /^vm1\/br-ex +host-address +usr1.yaml:12 /)
  const ovs = ['flows', '--format', 'ovs', '--host', 'vm1', '--socket', socket]
  t.is((await runCli(ovs)).stdout, `${own.text}\n`)
  controller.served = [outer]
  t.is((await runCli([...ovs, '--bridge', 'br-ex'])).stdout, `${outer.text}\n`)
})

test('every condition reaches the controller', async (t) => {
  const { controller, socket } = await serveFake(t)
  const query = { host: 'vm1', tenant: 'usr1', workload: 'a', policy: 'web', table: 'policy', bridge: 'br' }
  const flags = Object.entries(query).flatMap(([name, value]) => [`--${name}`, value])
  t.is((await runCli(['flows', ...flags, '--socket', socket])).status, 0)
  t.deepEqual(controller.queries, [query])
})

test('json: one array of flows, without counters where they are not wanted', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.served = [flowView(), bare]
  for (const form of [['--json'], ['--format', 'json']])
    t.deepEqual(JSON.parse((await runCli(['flows', ...form, '--socket', socket])).stdout), [flowView(), bare])
  const [flow] = JSON.parse((await runCli(['flows', '--json', '--no-stats', '--socket', socket])).stdout)
  const { packets: _p, bytes: _b, durationSeconds: _d, text: _t, ...expected } = flowView()
  t.deepEqual(flow, expected)
})

test('50,000 flows are one JSON value', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.served = Array.from({ length: 50_000 }, (_, priority) => flowView({ priority }))
  const { status, stdout } = await runCli(['flows', '--json', '--socket', socket])
  t.is(status, 0)
  const flows: unknown = JSON.parse(stdout)
  t.true(Array.isArray(flows) && flows.length === 50_000)
})

test('rates are what passed between two readings', async (t) => {
  const { controller, socket } = await serveFake(t)
  let reading = 0
  controller.flows = async function* () {
    reading++
    yield flowView({ packets: String(1000 * reading), bytes: String(100_000 * reading) })
  }
  const [flow] = JSON.parse((await runCli(['flows', '--rates', '--json', '--socket', socket])).stdout)
  t.is(reading, 2)
  t.true(flow.packetsPerSecond > 0)
  t.is(Math.round(flow.bytesPerSecond / flow.packetsPerSecond), 100)
})

test('an unknown host is answered no', async (t) => {
  const { socket } = await serveFake(t)
  t.deepEqual(await runCli(['flows', '--host', 'vm9', '--socket', socket]), {
    status: 1,
    stdout: '',
    stderr: 'error: there is no host vm9\n',
  })
})

for (const [form, expected] of [
  [
    [],
    'added    vm1  policy  usr1.yaml:12  allow  priority=200,tcp,tp_dst=80 actions=resubmit(,50)\n' +
      'removed  vm1  policy  usr1.yaml:12  allow  priority=200,tcp,tp_dst=80 actions=resubmit(,50)\n',
  ],
  [
    ['--format', 'ovs', '--host', 'vm1'],
    ` event=ADDED${flowView().textWithoutStats}\n event=REMOVED${flowView().textWithoutStats}\n`,
  ],
] as const)
  test(`--follow ${form.join(' ')} prints each change until the controller ends it`, async (t) => {
    const { controller, socket } = await serveFake(t)
    const { packets: _p, bytes: _b, durationSeconds: _d, text: _t, ...flow } = flowView()
    const outcome = runCli(['flows', '--follow', ...form, '--socket', socket])
    while (!controller.events.observed) await new Promise((resolve) => setImmediate(resolve))
    controller.events.next({ event: 'added', flow })
    controller.events.next({ event: 'removed', flow })
    controller.events.complete()
    const { status, stdout } = await outcome
    t.is(status, 0)
    t.is(stdout, expected)
  })
