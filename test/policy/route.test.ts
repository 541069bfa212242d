/** Routes: their rows, and what is wrong with them. */
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

const gateway = (name: string, n: number) =>
  `kind: Gateway\nname: ${name}\nhosts: [h1]\nbridge: br-${name}\nsubnet: 10.8.${n}.0/24\naddress: 10.8.${n}.2\nnextHop: 10.8.${n}.1\n`
const route = (name: string, rest: string) => `kind: Route\ntenant: a\nname: ${name}\n${rest}`
const ground = documents(
  tenant('a'),
  tenant('b'),
  host('h1', '10.9.0.1'),
  gateway('first', 1),
  gateway('second', 2),
  network('a', 'lan', '10.1.0.0/24'),
  network('a', 'cell', '10.2.0.0/24', 'routed: false\n'),
  network('b', 'lan', '10.3.0.0/24'),
  workload('a', 'fw', 'ip: 10.1.0.2\n'),
  workload('a', 'vpn', 'ip: 10.1.0.3\n'),
  workload('a', 'shut', '', 'cell'),
  workload('b', 'x'),
)

test('rows of routes', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'routes.yaml': documents(
      route('branch', 'to: 10.50.0.0/16\nvia: vpn\n'),
      route('one-address', 'to: 10.51.0.0/16\nvia: 10.1.0.3\n'),
      route('both', 'to: 10.52.0.0/16\nvia: [fw, 10.1.0.3]\n'),
      route('exit', 'to: 0.0.0.0/0\nselect: {role: web}\ngateway: second\n'),
      route('exit-too', 'to: 198.51.100.0/24\nvia: {gateway: second}\n'),
      route('exits', 'to: 203.0.113.0/24\nvia: [{gateway: first}, {gateway: second}]\n'),
      route('nowhere', 'to: 10.52.7.0/24\naction: drop\n'),
    ),
  })
  const update = await open(directory).load()
  t.deepEqual(errorsOf(directory, update), [])
  const model = new Model()
  model.apply(update.changes)
  const rows = [...model.rows].flatMap(([id, row]) => (id.startsWith('route/') ? [row] : []))
  t.deepEqual(rows, [
    { id: 'a/both', tenant: 'a', translation: 1, to: '10.52.0.0/16', via: ['a/fw', '10.1.0.3'] },
    { id: 'a/branch', tenant: 'a', translation: 2, to: '10.50.0.0/16', via: ['a/vpn'] },
    {
      ...{ id: 'a/exit', tenant: 'a', translation: 3, to: '0.0.0.0/0' },
      ...{ select: { role: 'web' }, gateways: ['second'] },
    },
    { id: 'a/exit-too', tenant: 'a', translation: 4, to: '198.51.100.0/24', gateways: ['second'] },
    { id: 'a/exits', tenant: 'a', translation: 5, to: '203.0.113.0/24', gateways: ['first', 'second'] },
    { id: 'a/nowhere', tenant: 'a', translation: 6, to: '10.52.7.0/24' },
    { id: 'a/one-address', tenant: 'a', translation: 7, to: '10.51.0.0/16', via: ['10.1.0.3'] },
  ])
})

const says = test.macro(async (t, rest: string, ...expected: readonly string[]) => {
  const directory = scratch(t)
  write(directory, { 'ground.yaml': ground, 'a.yaml': route('r', rest) })
  t.deepEqual(errorsOf(directory, await open(directory).load()), [...expected])
})

test(
  'nothing to do',
  says,
  'to: 10.50.0.0/16\n',
  'a.yaml:1:1: error: route does not say where packets go: expected via, gateway, or action: drop [bad-route]',
)
test(
  'two things to do',
  says,
  'to: 10.50.0.0/16\nvia: fw\naction: drop\n',
  'a.yaml:6:9: error: route has via and action: expected one of them [bad-route]',
)
test(
  'to is a block',
  says,
  'to: 10.50.0.1/16\nvia: fw\n',
  'a.yaml:4:5: error: to 10.50.0.1/16 is not a CIDR block: it has host bits, did you mean 10.50.0.0/16? [bad-cidr]',
)
test(
  'an action that is none',
  says,
  'to: 10.50.0.0/16\naction: deny\n',
  'a.yaml:5:9: error: action deny is not known: expected drop [bad-value]',
)
test(
  'via what is none of the forms',
  says,
  'to: 10.50.0.0/16\nvia: {workload: fw}\n',
  'a.yaml:5:6: error: via {"workload":"fw"} is not one of: a workload, an address in a network of the tenant, {gateway: NAME}, or a list of them [bad-via]',
)
test(
  'via two sorts',
  says,
  'to: 10.50.0.0/16\nvia: [fw, {gateway: first}]\n',
  'a.yaml:5:11: error: via has gateways and workloads: expected one or the other [bad-via]',
)
test(
  'via one thing twice',
  says,
  'to: 10.50.0.0/16\nvia: [fw, fw]\n',
  'a.yaml:5:11: error: via fw is in the list twice [bad-via]',
)
test(
  'via a workload that is not there',
  says,
  'to: 10.50.0.0/16\nvia: [fw, gone]\n',
  'a.yaml:5:11: error: workload a/gone does not exist [missing-reference]',
)
test(
  'via a gateway that is not there',
  says,
  'to: 10.50.0.0/16\ngateway: gone\n',
  'a.yaml:5:10: error: gateway gone does not exist [missing-reference]',
)
test(
  'via a workload of another tenant',
  says,
  'to: 10.50.0.0/16\nvia: b/x\n',
  'a.yaml:5:6: error: workload b/x is of another tenant: a route is by a workload of its own [foreign-workload]',
)
test(
  'via a workload that no router reaches',
  says,
  'to: 10.50.0.0/16\nvia: shut\n',
  'a.yaml:5:6: error: workload a/shut is in network a/cell, which is not routed, see ground.yaml:37:9 [not-routed]',
)
test(
  'via a network without the IP version',
  says,
  'to: "2001:db8::/32"\nvia: fw\n',
  'a.yaml:5:6: error: workload a/fw is in network a/lan, which has no subnet6, as to 2001:db8::/32 wants, see ground.yaml:30:7 [wrong-family]',
)
test(
  'via a gateway without the IP version',
  says,
  'to: "2001:db8::/32"\ngateway: first\n',
  'a.yaml:5:10: error: gateway first has no subnet6, as to 2001:db8::/32 wants, see ground.yaml:13:7 [wrong-family]',
)
test(
  'via an address of another IP version',
  says,
  'to: "2001:db8::/32"\nvia: 10.1.0.2\n',
  'a.yaml:5:6: error: via 10.1.0.2 is of another IP version than to 2001:db8::/32 [wrong-family]',
)
test(
  'via an address that nobody can have',
  says,
  'to: 10.50.0.0/16\nvia: 10.2.0.5\n',
  'a.yaml:5:6: error: via 10.2.0.5 is not an address of a station in a routed network of tenant a [address-outside-subnet]',
)
test(
  'via the router itself',
  says,
  'to: 10.50.0.0/16\nvia: 10.1.0.1\n',
  'a.yaml:5:6: error: via 10.1.0.1 is the gateway of network a/lan: the router itself, see ground.yaml:28:1 [duplicate-address]',
)
test(
  'via an address that nobody has: there may be somebody tomorrow',
  says,
  'to: 10.50.0.0/16\nvia: 10.1.0.77\n',
)

test('two routes to one block, unless they are for some workloads only', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'a.yaml': documents(
      route('one', 'to: 10.50.0.0/16\nvia: fw\n'),
      route('two', 'to: 10.50.0.0/16\nvia: vpn\n'),
      route('some', 'to: 10.50.0.0/16\nselect: {role: web}\nvia: vpn\n'),
      route('others', 'to: 10.50.0.0/16\nselect: {role: db}\naction: drop\n'),
    ),
  })
  t.deepEqual(errorsOf(directory, await open(directory).load()), [
    'a.yaml:4:5: error: route to 10.50.0.0/16 is also of route a/two, see a.yaml:10:5 [duplicate-route]',
    'a.yaml:10:5: error: route to 10.50.0.0/16 is also of route a/one, see a.yaml:4:5 [duplicate-route]',
  ])
})

test('a network that comes makes an address a station of it', async (t) => {
  const directory = open('p')
  const first = await directory.apply(
    new Map([
      ['p/ground.yaml', ground],
      ['p/a.yaml', route('r', 'to: 10.50.0.0/16\nvia: 10.4.0.9\n')],
    ]),
  )
  t.is(first.errors.length, 1)
  const second = await directory.apply(new Map([['p/b.yaml', network('a', 'more', '10.4.0.0/24')]]))
  t.deepEqual(second.errors, [])
})
