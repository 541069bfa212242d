/** Gateways that use their host's own address. */
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

const gateway = (more: string, name = 'g') =>
  `kind: Gateway\nname: ${name}\nhosts: [h1]\nbridge: br-ex\nsubnet: 10.9.0.0/24\naddress: host\nnextHop: 10.9.0.254\n${more}`
const forward = (port: string, address = '10.9.0.1') =>
  `kind: PortForward\ntenant: a\nname: f\naddress: ${address}\nport: ${port}\nto: x:80\ngateway: g\n`
const ground = documents(
  tenant('a'),
  host('h1', '10.9.0.1'),
  network('a', 'lan', '10.1.0.0/24'),
  workload('a', 'x'),
)

async function errors(t: Parameters<typeof scratch>[0], ...texts: readonly string[]) {
  const directory = scratch(t)
  write(directory, { 'files.yaml': documents(...texts) })
  return errorsOf(directory, await open(directory).load()).map((error) => error.replace(/^\S+ error: /, ''))
}

test("the address is the host's, and follows it", async (t) => {
  const directory = scratch(t)
  write(directory, { 'ground.yaml': ground, 'g.yaml': gateway('') })
  const policy = open(directory)
  const first = await policy.load()
  t.deepEqual(errorsOf(directory, first), [])
  const model = new Model()
  model.apply(first.changes)
  const own = (address: string) => ({ address: 'host', hostAddresses: { h1: address } })
  t.like(model.rows.get('gateway/g'), { ...own('10.9.0.1'), hostPorts: [61_440, 65_535] })
  write(directory, { 'ground.yaml': ground.replaceAll('10.9.0.1', '10.9.0.7') })
  model.apply((await policy.reread()).changes)
  t.like(model.rows.get('gateway/g'), own('10.9.0.7'))
  write(directory, { 'g.yaml': gateway('ports: 49152-65535\n') })
  model.apply((await policy.reread()).changes)
  t.like(model.rows.get('gateway/g'), { hostPorts: [49_152, 65_535] })
  write(directory, { 'g.yaml': gateway('').replace('address: host', 'address: 10.9.0.70') })
  model.apply((await policy.reread()).changes)
  t.like(model.rows.get('gateway/g'), { address: '10.9.0.70' })
  for (const field of ['hostPorts', 'hostAddresses'])
    t.false(field in Object(model.rows.get('gateway/g')), field)
})

test('an address beside the tunnels is named by the host', async (t) => {
  const elsewhere = ground
    .replace(/tunnelIp: .*/, 'tunnelIp: 172.16.0.1')
    .replace(/ovsdb: .*/, 'ovsdb: unix:/run/db')
  t.deepEqual(await errors(t, elsewhere, gateway('')), [
    'address host: no address that host h1 is known to have is of a station in 10.9.0.0/24; its addresses can say which one it has there, see files.yaml:7:11 [unknown-address]',
  ])
  t.deepEqual(await errors(t, elsewhere.replace(/ovsdb: .*/, 'ovsdb: tcp:10.9.0.5:6640'), gateway('')), [])
  t.deepEqual(await errors(t, elsewhere.replace(/ovsdb: .*/, '$&\naddresses: [10.9.0.6]'), gateway('')), [])
})

const several = gateway('').replace('[h1]', '[h1, h2]')

test('each of several hosts brings its own address', async (t) => {
  const directory = scratch(t)
  write(directory, { 'ground.yaml': documents(ground, host('h2', '10.9.0.2')), 'g.yaml': several })
  const update = await open(directory).load()
  t.deepEqual(errorsOf(directory, update), [])
  const model = new Model()
  model.apply(update.changes)
  t.like(model.rows.get('gateway/g'), {
    address: 'host',
    hostAddresses: { h1: '10.9.0.1', h2: '10.9.0.2' },
    hostPorts: [61_440, 65_535],
  })
})

test('a host of several that has no address there, or that of another, is named where it stands', async (t) => {
  const cases = {
    [documents(ground, host('h2', '172.16.0.2'))]:
      'g.yaml:3:13: error: address host: no address that host h2 is known to have is of a station in 10.9.0.0/24; its addresses can say which one it has there, see ground.yaml:22:11 [unknown-address]',
    [documents(ground, host('h2', '172.16.0.2')).replace(/tunnelIp: 172.*/, '$&\naddresses: [10.9.0.1]')]:
      'g.yaml:3:13: error: address host: host h2 has the address 10.9.0.1, as host h1 has, see ground.yaml:7:11 [duplicate-address]',
    [documents(ground, host('h2', '10.9.0.254'))]:
      "g.yaml:7:10: error: nextHop 10.9.0.254 is the host's own address [duplicate-address]",
    [documents(ground, `${host('h2', '10.9.0.2')}openflow: tcp:10.9.0.2:6653`)]:
      'g.yaml:3:13: error: address host needs the switches of host h2 to dial the controller, see ground.yaml:23:11 [bad-value]',
  }
  for (const [text, expected] of Object.entries(cases)) {
    const directory = scratch(t)
    write(directory, { 'ground.yaml': text, 'g.yaml': several })
    t.deepEqual(errorsOf(directory, await open(directory).load()), [expected])
  }
})

test('at several hosts a forward says host, and the address of one of them is nobody else’s', async (t) => {
  const both = documents(ground, host('h2', '10.9.0.2'))
  t.deepEqual(await errors(t, both, several, forward('tcp/8080', 'host')), [])
  t.deepEqual(await errors(t, ground, gateway(''), forward('tcp/8080', 'host')), [])
  t.regex(
    (await errors(t, both, several, forward('tcp/6640', 'host'))).join(),
    /10\.9\.0\.1 .*host h1.*10\.9\.0\.2 .*host h2/,
  )
  for (const address of ['10.9.0.1', '10.9.0.2']) {
    const egress = `kind: Egress\ntenant: a\nname: e\ngateway: g\naddress: ${address}\n`
    const floating = `kind: FloatingIp\ntenant: a\nname: w\naddress: ${address}\nworkload: x\ngateway: g\n`
    for (const text of [forward('tcp/8080', address), egress])
      t.regex((await errors(t, both, several, text)).join(), /is of host h. alone, .*\[bad-value\]/)
    t.regex((await errors(t, both, several, floating)).join(), /also of gateway g, whose host has it/)
  }
  const plain = gateway('').replace('address: host', 'address: 10.9.0.70')
  t.deepEqual(await errors(t, ground, plain, forward('tcp/8080', 'host')), [
    'address host is of a gateway with address: host, which gateway g is not, see files.yaml:24:10 [bad-value]',
  ])
  t.regex(
    (
      await errors(
        t,
        both,
        several,
        forward('tcp/80', 'host'),
        forward('tcp/80', 'host').replace('name: f', 'name: g'),
      )
    ).join(),
    /port tcp\/80 of host.*duplicate-port/,
  )
})

test('what does not go with it is an error', async (t) => {
  const cases: Record<string, string> = {
    'vlan: 5': 'vlan is not for address: host, which is on whatever VLAN the host itself is [bad-value]',
    'ports: 80-90': 'ports 80-90 is not a range of ports from 1024 on such as 61440-65535 [bad-port]',
    'pool: [10.9.0.1]': "pool address 10.9.0.1 is the host's own address [duplicate-address]",
    'nextHop: 10.9.0.1': "nextHop 10.9.0.1 is the host's own address [duplicate-address]",
  }
  for (const [line, expected] of Object.entries(cases)) {
    const [field = ''] = line.split(':')
    const text = gateway('')
    const changed = text.includes(`${field}:`)
      ? text.replace(new RegExp(`${field}: .*`), line)
      : `${text}${line}\n`
    t.true((await errors(t, ground, host('h2', '10.9.0.2'), changed)).includes(expected), line)
  }
  t.deepEqual(
    await errors(t, ground, gateway('ports: 50000-60000\n').replace('address: host', 'address: 10.9.0.70')),
    ['ports are chosen only with address: host: all ports of an own address are there [bad-value]'],
  )
  t.regex(
    (await errors(t, ground, gateway(''), gateway('', 'other'))).join(),
    /the address of host h1 .*duplicate-address/,
  )
})

test('a forward leaves the host what it cannot be without', async (t) => {
  t.deepEqual(await errors(t, ground, gateway(''), forward('tcp/8080')), [])
  t.regex(
    (await errors(t, ground, gateway(''), forward('tcp/6640'))).join(),
    /is that of the database of host h1/,
  )
  t.regex(
    (await errors(t, ground, gateway(''), forward('udp/6081'))).join(),
    /is that of the tunnels of host h1/,
  )
  t.regex(
    (await errors(t, ground, gateway(''), forward('sctp/80'))).join(),
    /which only tcp and udp share.*bad-port/,
  )
  t.deepEqual(await errors(t, ground, gateway(''), forward('udp/6081', '10.9.0.9')), [])
  const floating = 'kind: FloatingIp\ntenant: a\nname: w\naddress: 10.9.0.1\nworkload: x\ngateway: g\n'
  t.regex((await errors(t, ground, gateway(''), floating)).join(), /also of gateway g, whose host has it/)
})
