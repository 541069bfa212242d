import test from 'ava'
import { logEntry } from '../support/fake-controller.js'
import { runCli } from '../support/run-cli.js'
import { serveFake } from '../support/serve-fake.js'

const { workload: _workload, ...outside } = logEntry().source
const ping = logEntry({
  verdict: 'allow',
  protocol: 'icmp6',
  icmp: { type: 128, code: 0 },
  source: { address: '2001:db8::1' },
  destination: { address: '2001:db8::2', workload: 'usr1/b' },
  rule: { object: 'tenant/usr1', rule: 'ingress/default' },
})

test('time, verdict, protocol, ends, direction, rule and place', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.logged = [
    logEntry({ source: outside }),
    ping,
    logEntry({ verdict: 'reject', destination: { address: '2001:db8::2', port: 53 } }),
  ]
  t.deepEqual(await runCli(['log', '--socket', socket]), {
    status: 0,
    stdout: `2026-01-02T03:04:05.678Z  deny    tcp  10.0.0.2:40000 → usr1/b 10.0.0.3:80  ingress at vm1  usr1/web ingress/0  usr1.yaml:14
2026-01-02T03:04:05.678Z  allow   icmp6/128  2001:db8::1 → usr1/b 2001:db8::2     ingress at vm1  usr1 ingress/default  -
2026-01-02T03:04:05.678Z  reject  tcp        usr1/a 10.0.0.2:40000 → [2001:db8::2]:53  ingress at vm1  usr1/web ingress/0    usr1.yaml:14
`,
    stderr: '',
  })
})

test('every condition reaches the controller', async (t) => {
  const { controller, socket } = await serveFake(t)
  const query = { tenant: 'usr1', workload: 'a', policy: 'web' }
  const flags = Object.entries(query).flatMap(([name, value]) => [`--${name}`, value])
  t.is((await runCli(['log', ...flags, '--socket', socket])).status, 0)
  t.deepEqual(controller.logQueries, [query])
})

test('json: one array, or with --follow one value per line, what is remembered first', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.logged = [logEntry(), ping]
  t.deepEqual(JSON.parse((await runCli(['log', '--json', '--socket', socket])).stdout), [logEntry(), ping])
  const outcome = runCli(['log', '--follow', '--json', '--socket', socket])
  while (!controller.decisions.observed) await new Promise((resolve) => setImmediate(resolve))
  controller.decisions.next(logEntry({ host: 'vm2' }))
  controller.decisions.complete()
  const lines = (await outcome).stdout.trimEnd().split('\n')
  t.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [logEntry(), ping, logEntry({ host: 'vm2' })],
  )
})
