import test from 'ava'
import { runCli } from '../support/run-cli.js'
import { serveFake } from '../support/serve-fake.js'

const workloads = [
  {
    id: 'workload/usr1/a',
    kind: 'Workload',
    tenant: 'usr1',
    name: 'a',
    file: 'usr1.yaml',
    line: 3,
    host: 'vm1',
    ifaceId: 'p1',
    addresses: ['10.0.0.1', '10.0.0.2'],
    limits: { rate: 1000 },
  },
  {
    id: 'workload/usr2/bb',
    kind: 'Workload',
    tenant: 'usr2',
    name: 'bb',
    file: 'usr2.yaml',
    line: 30,
    addresses: [],
  },
]

test('a table with place and host; nested fields are left out', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.objects = workloads
  t.deepEqual(await runCli(['get', 'workload', '--socket', socket]), {
    status: 0,
    stdout: `TENANT  NAME  HOST  IFACE-ID  ADDRESSES          PLACE
usr1    a     vm1   p1        10.0.0.1,10.0.0.2  usr1.yaml:3
usr2    bb    -     -         -                  usr2.yaml:30
`,
    stderr: '',
  })
})

test('one object with all it has', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.objects = workloads
  const { stdout } = await runCli(['get', 'workload', 'a', '--socket', socket])
  t.is(
    stdout,
    `# usr1.yaml:3
id: workload/usr1/a
kind: Workload
tenant: usr1
name: a
host: vm1
ifaceId: p1
addresses:
  - 10.0.0.1
  - 10.0.0.2
limits:
  rate: 1000
`,
  )
})

test('--json is an array of objects, also of one or none', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.objects = workloads
  t.deepEqual(JSON.parse((await runCli(['get', 'workload', '--json', '--socket', socket])).stdout), workloads)
  t.deepEqual(JSON.parse((await runCli(['get', 'workload', 'a', '--json', '--socket', socket])).stdout), [
    workloads[0],
  ])
  controller.get = () => []
  t.is((await runCli(['get', 'workload', '--json', '--socket', socket])).stdout, '[]\n')
})

test('an unknown name is answered no, an unknown kind is wrong usage', async (t) => {
  const { socket } = await serveFake(t)
  t.deepEqual(await runCli(['get', 'workload', 'zz', '--socket', socket]), {
    status: 1,
    stdout: '',
    stderr: 'error: there is no workload zz\n',
  })
  t.is((await runCli(['get', 'thing', '--socket', socket])).status, 2)
})
