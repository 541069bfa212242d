/** Services: their rows, what is wrong with them, and that nobody else gets their addresses. */
import test from 'ava'
import {
  documents,
  errorsOf,
  Model,
  network,
  open,
  peering,
  scratch,
  tenant,
  workload,
  write,
} from './support.js'

const service = (name: string, rest: string, owner = 'a') =>
  `kind: Service\ntenant: ${owner}\nname: ${name}\nbackends: {role: web}\n${rest}`
const ground = documents(
  tenant('a'),
  tenant('b'),
  network('a', 'lan', '10.1.0.0/24', 'subnet6: "fd00:1::/64"\n'),
  network('b', 'lan', '10.3.0.0/24'),
  workload('a', 'web', 'ip: 10.1.0.2\nallowed: [10.1.0.9, 10.1.0.128/28]\n'),
)

test('rows of services', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'services.yaml': documents(
      service(
        'web',
        'address: [10.1.0.80, "FD00:1::80"]\nports: [tcp/80, tcp/443:8443, udp/53, sctp/5000-5010]\n',
      ),
      service('any', 'address: 10.96.0.10\naffinity: source\n'),
      service('web', 'address: 10.1.0.80\nports: [tcp]\n', 'b'),
    ),
  })
  const update = await open(directory).load()
  t.deepEqual(errorsOf(directory, update), [])
  const model = new Model()
  model.apply(update.changes)
  const rows = [...model.rows].flatMap(([id, row]) => (id.startsWith('service/') ? [row] : []))
  t.deepEqual(rows, [
    {
      ...{ id: 'a/any', tenant: 'a', translation: 1, addresses: ['10.96.0.10'] },
      ...{ backends: { role: 'web' }, affinity: 'source' },
    },
    {
      ...{ id: 'a/web', tenant: 'a', translation: 2, addresses: ['10.1.0.80', 'fd00:1::80'] },
      ports: [
        { protocol: 'tcp', range: [80, 80] },
        { protocol: 'tcp', range: [443, 443], target: 8443 },
        { protocol: 'udp', range: [53, 53] },
        { protocol: 'sctp', range: [5000, 5010] },
      ],
      ...{ backends: { role: 'web' }, affinity: 'connection' },
    },
    {
      ...{ id: 'b/web', tenant: 'b', translation: 3, addresses: ['10.1.0.80'] },
      ports: [{ protocol: 'tcp' }],
      ...{ backends: { role: 'web' }, affinity: 'connection' },
    },
  ])
})

const wrong = test.macro(async (t, services: string, expected: readonly string[]) => {
  const directory = scratch(t)
  write(directory, { 'ground.yaml': ground, 's.yaml': services })
  t.deepEqual(errorsOf(directory, await open(directory).load()), expected)
})

const forms =
  'expected PROTOCOL, PROTOCOL/PORT, PROTOCOL/FIRST-LAST or PROTOCOL/PORT:BACKEND-PORT, such as tcp/80:8080'

test(
  'ports that cannot be',
  wrong,
  documents(
    service('a', 'address: 10.96.0.1\nports: [80]\n'),
    service('b', 'address: 10.96.0.2\nports: [tcp/0, icmp, tcp/70000]\n'),
    service('c', 'address: 10.96.0.3\nports: [tcp/90-80, tcp/80-90:80]\n'),
    service('d', 'address: 10.96.0.4\nports: [tcp/80, tcp/70-90]\n'),
    service('e', 'address: 10.96.0.5\nports: []\n'),
  ),
  [
    `s.yaml:6:9: error: ports 80 is not a port of a service: ${forms} [bad-port]`,
    `s.yaml:13:9: error: ports tcp/0 is not a port of a service: ${forms} [bad-port]`,
    `s.yaml:13:16: error: ports icmp is not a port of a service: ${forms} [bad-port]`,
    's.yaml:13:22: error: ports tcp/70000 has a port above 65535 [bad-port]',
    's.yaml:20:9: error: ports tcp/90-80 ends below its first port 90 [bad-port]',
    `s.yaml:20:20: error: ports tcp/80-90:80 is not a port of a service: ${forms} [bad-port]`,
    's.yaml:27:17: error: tcp/70-90 is in the list twice: tcp/80 has it too [duplicate-port]',
    's.yaml:34:8: error: ports is an empty list: expected at least one entry [out-of-range]',
  ],
)

test(
  'fields that are missing or have no such value',
  wrong,
  documents(
    service('a', ''),
    service('b', 'address: 10.96.0.1\naffinity: client\n'),
    'kind: Service\ntenant: a\nname: c\naddress: 10.96.0.3\n',
    service('d', 'address: [10.96.0.4, 10.96.0.5]\n'),
    service('e', 'address: 224.0.0.1\n'),
  ),
  [
    's.yaml:1:1: error: address is missing: expected text [missing-field]',
    's.yaml:11:11: error: affinity client is not known: expected one of connection, source [bad-value]',
    's.yaml:13:1: error: backends is missing: expected a map [missing-field]',
    's.yaml:22:22: error: address 10.96.0.5 is of the same IP version as 10.96.0.4: expected one of each [bad-address]',
    's.yaml:28:10: error: address 224.0.0.1 is not an IP address of a station [bad-address]',
  ],
)

test(
  'an address that somebody has is an error at both places',
  wrong,
  documents(
    service('a', 'address: 10.1.0.2\n'),
    service('b', 'address: 10.96.0.2\n'),
    service('c', 'address: 10.96.0.2\n'),
    service('d', 'address: 10.1.0.1\n'),
    service('e', 'address: 10.1.0.9\n'),
    service('f', 'address: 10.1.0.130\n'),
    service('g', 'address: 10.1.0.255\n'),
  ),
  [
    'ground.yaml:22:5: error: ip 10.1.0.2 is also of service a/a, see s.yaml:5:10 [duplicate-address]',
    's.yaml:5:10: error: address 10.1.0.2 is also of workload a/web, see ground.yaml:22:5 [duplicate-address]',
    's.yaml:11:10: error: address 10.96.0.2 is also of service a/c, see s.yaml:17:10 [duplicate-address]',
    's.yaml:17:10: error: address 10.96.0.2 is also of service a/b, see s.yaml:11:10 [duplicate-address]',
    's.yaml:23:10: error: address 10.1.0.1 is the gateway of network a/lan, see ground.yaml:7:1 [duplicate-address]',
    's.yaml:29:10: error: address 10.1.0.9 is one that workload a/web may use: allowed 10.1.0.9, see ground.yaml:23:11 [duplicate-address]',
    's.yaml:35:10: error: address 10.1.0.130 is one that workload a/web may use: allowed 10.1.0.128/28, see ground.yaml:23:21 [duplicate-address]',
    's.yaml:41:10: error: address 10.1.0.255 is not an address of a station in network a/lan 10.1.0.0/24, see ground.yaml:10:9 [address-outside-subnet]',
  ],
)

test(
  'an address in a network of a peer',
  wrong,
  documents(peering('a', 'b'), peering('b', 'a'), service('a', 'address: 10.3.0.80\n')),
  [
    's.yaml:15:10: error: address 10.3.0.80 is in network b/lan of peer b, see ground.yaml:16:9 [overlapping-peers]',
  ],
)

test('allocation goes round the addresses of services, whichever comes first', async (t) => {
  const directory = scratch(t)
  const small = documents(tenant('a'), network('a', 'lan', '10.1.0.0/29', 'gateway: 10.1.0.6\n'))
  const workloads = documents(...['w1', 'w2', 'w3'].map((name) => workload('a', name)))
  write(directory, {
    'ground.yaml': small,
    's.yaml': service('web', 'address: 10.1.0.2\n'),
    'w.yaml': workloads,
  })
  const policies = open(directory)
  const model = new Model()
  model.apply((await policies.load()).changes)
  const addresses = () =>
    ['w1', 'w2', 'w3'].map((name) => {
      const row = model.rows.get(`workload/a/${name}`)
      return row && 'addresses' in row ? row.addresses.join() : ''
    })
  t.deepEqual(addresses(), ['10.1.0.1', '10.1.0.3', '10.1.0.4'])
  write(directory, { 's.yaml': service('web', 'address: 10.1.0.3\n') })
  const update = await policies.refresh([`${directory}/s.yaml`])
  t.deepEqual(errorsOf(directory, update), [])
  model.apply(update.changes)
  t.false(addresses().includes('10.1.0.3'))
  t.is(new Set(addresses()).size, 3)
  write(directory, {
    'more.yaml': network('a', 'late', '10.2.0.0/30', 'gateway: 10.2.0.1\n'),
    's.yaml': service('web', 'address: 10.2.0.2\n'),
    'late.yaml': workload('a', 'late', '', 'late'),
  })
  const later = await policies.refresh(['more', 's', 'late'].map((name) => `${directory}/${name}.yaml`))
  t.deepEqual(errorsOf(directory, later), [
    'late.yaml:4:10: error: no address is left in 10.2.0.0/30 of network a/late [pool-exhausted]',
  ])
})
