/** Egresses, floating addresses and forwards: their rows, and what is wrong with them. */
import test from 'ava'
import {
  documents,
  errorsOf,
  host,
  Model,
  network,
  open,
  scratch,
  tenant,
  workload,
  write,
} from './support.js'

const gateway = (name = 'g', more = '') =>
  `kind: Gateway\nname: ${name}\nhosts: [h1]\nbridge: br-ex\nsubnet: 10.8.0.0/24\naddress: 10.8.0.2\nnextHop: 10.8.0.1\n${more}`
const floating = (name: string, address: string, of = 'x', at = 'g') =>
  `kind: FloatingIp\ntenant: a\nname: ${name}\naddress: ${address}\nworkload: ${of}\ngateway: ${at}\n`
const forward = (name: string, address: string, port: string, to = 'x:80', at = 'g') =>
  `kind: PortForward\ntenant: a\nname: ${name}\naddress: ${address}\nport: ${port}\nto: ${to}\ngateway: ${at}\n`
const ground = documents(
  tenant('a'),
  host('h1', '10.9.0.1'),
  network('a', 'lan', '10.1.0.0/24'),
  workload('a', 'x'),
  workload('a', 'y'),
)

test('rows of what stands between workloads and the outside', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'outside.yaml': documents(
      gateway('g', 'pool: [10.8.0.3]\n'),
      'kind: Egress\ntenant: a\nname: some\ngateway: g\nselect: {role: web}\naddress: 10.8.0.3\n',
      floating('web', '10.8.0.10'),
      forward('ssh', '10.8.0.3', 'tcp/10022', 'y:22'),
    ),
  })
  const update = await open(directory).load()
  t.deepEqual(errorsOf(directory, update), [])
  const model = new Model()
  model.apply(update.changes)
  t.like(model.rows.get('gateway/g'), { pool: ['10.8.0.3'] })
  t.deepEqual(model.rows.get('egress/a/some'), {
    id: 'a/some',
    tenant: 'a',
    translation: 1,
    gateway: 'g',
    select: { role: 'web' },
    address: '10.8.0.3',
  })
  t.deepEqual(model.rows.get('floatingIp/a/web'), {
    id: 'a/web',
    tenant: 'a',
    translation: 2,
    gateway: 'g',
    address: '10.8.0.10',
    workload: 'a/x',
  })
  t.deepEqual(model.rows.get('portForward/a/ssh'), {
    id: 'a/ssh',
    tenant: 'a',
    translation: 3,
    gateway: 'g',
    address: '10.8.0.3',
    protocol: 'tcp',
    port: 10_022,
    workload: 'a/y',
    workloadPort: 22,
  })
})

test('an address outside is of one use, and both places are named', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'gateways.yaml': documents(gateway('g', 'pool: [10.8.0.3]\n')),
    'uses.yaml': documents(
      floating('one', '10.8.0.10'),
      floating('two', '10.8.0.10', 'y'),
      floating('pool', '10.8.0.3', 'y'),
      floating('own', '10.8.0.2', 'y'),
      floating('hop', '10.8.0.1', 'y'),
      forward('shared', '10.8.0.10', 'tcp/1'),
      forward('first', '10.8.0.2', 'udp/53'),
      forward('second', '10.8.0.2', 'udp/53', 'y:53'),
      forward('third', '10.8.0.2', 'tcp/53', 'y:53'),
    ),
  })
  const errors = errorsOf(directory, await open(directory).load())
  const codes = errors.map((error) => /^(\S+): error: (.*), see (\S+) \[(.*)\]$/.exec(error)?.slice(1))
  t.false(codes.includes(undefined), errors.join('\n'))
  const said = (what: string) => errors.filter((error) => error.includes(what)).length
  t.is(said('address 10.8.0.10'), 3)
  t.is(said('port udp/53 of 10.8.0.2'), 2)
  t.true(said('10.8.0.3') >= 2 && said('10.8.0.1 ') >= 2)
  t.is(said('tcp/53'), 0)
})

test('on wires of different VLANs the same address may be used twice', async (t) => {
  const directory = scratch(t)
  const two = (vlan: string) =>
    documents(
      gateway(),
      gateway('h', vlan),
      floating('one', '10.8.0.10'),
      floating('two', '10.8.0.10', 'y', 'h'),
    )
  write(directory, { 'ground.yaml': ground, 'two.yaml': two('vlan: 5\n') })
  const policy = open(directory)
  t.deepEqual(errorsOf(directory, await policy.load()), [])
  write(directory, { 'two.yaml': two('') })
  const errors = errorsOf(directory, await policy.reread())
  t.is(errors.filter((error) => error.endsWith('[duplicate-address]')).length, 4, errors.join('\n'))
})

test('what is wrong with an egress, floating address or forward is said with its place', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': documents(
      ground,
      tenant('b'),
      network('b', 'lan', '10.1.0.0/24', 'routed: false\n'),
      workload('b', 'z'),
    ),
    'gateways.yaml': documents(gateway(), gateway('h').replace('10.8.0.2', '10.8.0.4')),
    'uses.yaml': documents(
      floating('far', '10.7.0.10'),
      floating('six', '"fd00::1"'),
      floating('other', '10.8.0.11', 'b/z'),
      floating('none', '10.8.0.12', 'w'),
      floating('z', '10.8.0.13', 'z').replace('tenant: a', 'tenant: b'),
      floating('here', '10.8.0.14', 'y'),
      floating('there', '10.8.0.15', 'y', 'h'),
      'kind: Egress\ntenant: a\nname: far\ngateway: g\naddress: 10.7.0.1\n',
    ),
    'words.yaml': documents(
      forward('port', '10.8.0.2', '80'),
      forward('range', '10.8.0.2', 'tcp/80-90'),
      forward('to', '10.8.0.2', 'tcp/80', 'x'),
    ),
  })
  const errors = errorsOf(directory, await open(directory).load())
  const codes = errors.map((error) => /\[(.*)\]$/.exec(error)?.[1])
  for (const [code, count] of [
    ['address-outside-subnet', 3],
    ['wrong-family', 1],
    ['foreign-workload', 1],
    ['missing-reference', 1],
    ['not-routed', 1],
    ['two-gateways', 2],
    ['bad-port', 2],
    ['bad-target', 1],
  ] as const)
    t.is(codes.filter((each) => each === code).length, count, `${code}\n${errors.join('\n')}`)
})
