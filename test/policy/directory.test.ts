import { mkdirSync, rmSync } from 'node:fs'
import test from 'ava'
import { MemoryStore } from '../../src/store/store.js'
import {
  documents,
  errorsOf,
  host,
  Model,
  network,
  open,
  scratch,
  seeded,
  tenant,
  workload,
  write,
} from './support.js'

const usr1 = documents(tenant('usr1'), network('usr1', 'lan', '192.168.1.0/24'))

test('objects become rows with defaults and allocations filled in', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'cluster.yaml': documents(
      'kind: Cluster\nname: campus\nencapsulation: gre\n',
      host('vm1', '162.105.175.60'),
      `kind: Gateway
name: campus
hosts: [vm1]
bridge: br-ex
subnet6: 2001:DB8:0::/64
address6: 2001:db8::70
nextHop6: 2001:db8::1
`,
    ),
    'usr1.yaml': documents(
      tenant('usr1'),
      network('usr1', 'lan', '192.168.1.0/24', 'subnet6: fd00::/64\n'),
      workload('usr1', 'a', 'mac: 00:16:3E:0c:07:73\nip: 192.168.1.3\nlabels: {role: web}\n'),
      workload('usr1', 'b'),
      'kind: Egress\ntenant: usr1\nname: internet\ngateway: campus\n',
      'kind: Lab\nname: lab\nplace: {vm1: [usr1/a]}\n',
    ),
  })
  const model = new Model()
  const update = await open(directory).load()
  model.apply(update.changes)
  t.deepEqual(errorsOf(directory, update), [])
  t.is(update.objects, 9)
  t.is(update.revision, 1)
  t.false(update.incomplete)
  const { mac: gatewayMac, ...gateway } = { mac: '', ...model.rows.get('gateway/campus') }
  const { mac, ...b } = { mac: '', ...model.rows.get('workload/usr1/b') }
  for (const text of [mac, gatewayMac]) t.regex(text, /^02(:[0-9a-f]{2}){5}$/)
  t.deepEqual<unknown, unknown>(gateway, {
    id: 'campus',
    number: 2,
    key: 1,
    hosts: ['vm1'],
    bridge: 'br-ex',
    subnet6: '2001:db8::/64',
    address6: '2001:db8::70',
    nextHop6: '2001:db8::1',
    bfd: 300,
    preempt: false,
  })
  t.deepEqual<unknown, unknown>(b, {
    id: 'usr1/b',
    tenant: 'usr1',
    name: 'b',
    network: 'usr1/lan',
    addresses: ['192.168.1.2', 'fd00::2'],
    interface: 'usr1/b',
    key: 3,
    labels: {},
  })
  t.deepEqual<unknown, unknown>(
    [
      'cluster/cluster',
      'host/vm1',
      'tenant/usr1',
      'network/usr1/lan',
      'workload/usr1/a',
      'egress/usr1/internet',
    ].map((id) => model.rows.get(id)),
    [
      { id: 'cluster', name: 'campus', encapsulation: 'gre' },
      {
        id: 'vm1',
        ovsdb: 'tcp:162.105.175.60:6640',
        tunnelIp: '162.105.175.60',
        bridge: 'br-int',
        underlayMtu: 1500,
        labels: {},
      },
      { id: 'usr1', number: 1, labels: {} },
      {
        id: 'usr1/lan',
        tenant: 'usr1',
        name: 'lan',
        vni: 1,
        subnet: '192.168.1.0/24',
        subnet6: 'fd00::/64',
        gateway: '192.168.1.1',
        gateway6: 'fd00::1',
        mtu: 1458,
        routed: true,
      },
      {
        id: 'usr1/a',
        tenant: 'usr1',
        name: 'a',
        network: 'usr1/lan',
        mac: '00:16:3e:0c:07:73',
        addresses: ['192.168.1.3'],
        interface: 'usr1/a',
        key: 2,
        labels: { role: 'web' },
      },
      { id: 'usr1/internet', tenant: 'usr1', translation: 1, gateway: 'campus' },
    ],
  )
})

test('without a Cluster document the cluster has defaults', async (t) => {
  const { changes } = await open('p').apply(new Map([['p/a.yaml', tenant('a')]]))
  t.deepEqual(changes, [
    { table: 'cluster', id: 'cluster', row: { id: 'cluster', name: 'cluster', encapsulation: 'geneve' } },
    { table: 'tenant', id: 'a', row: { id: 'a', number: 1, labels: {} } },
  ])
})

test('only what changes is told, and a line that moves changes nothing but the place', async (t) => {
  const directory = open('p')
  await directory.apply(
    new Map([['p/a.yaml', documents(usr1, workload('usr1', 'a'), workload('usr1', 'b'))]]),
  )
  t.is(directory.origin('workload/usr1/b')?.line, 14)
  const moved = await directory.apply(
    new Map([['p/a.yaml', documents(usr1, '# a comment\n', workload('usr1', 'a'), workload('usr1', 'b'))]]),
  )
  t.deepEqual(moved.changes, [])
  t.is(moved.revision, 2)
  t.deepEqual(directory.origin('workload/usr1/b'), { file: 'p/a.yaml', line: 16, column: 1 })
  const gone = await directory.apply(new Map([['p/a.yaml', documents(usr1, workload('usr1', 'b'))]]))
  t.deepEqual(gone.changes, [{ table: 'workload', id: 'usr1/a' }])
})

test('a broken file holds back only itself, also across a restart', async (t) => {
  const store = new MemoryStore()
  const model = new Model()
  const directory = open('p', { store })
  const texts = {
    'p/a.yaml': usr1,
    'p/b.yaml': workload('usr1', 'b', 'labels: {v: one}\n'),
    'p/c.yaml': workload('usr1', 'c'),
  }
  model.apply((await directory.apply(new Map(Object.entries(texts)))).changes)
  const broken = new Map([
    ['p/b.yaml', workload('usr1', 'b', 'labels: {v: two}\nip: 1.2.3\n')],
    ['p/c.yaml', workload('usr1', 'c', 'labels: {v: two}\n')],
  ])
  const update = await directory.apply(broken)
  model.apply(update.changes)
  const expected = ['p/b.yaml:6:5: error: ip 1.2.3 is not an IP address of a station [bad-address]']
  const labels = () =>
    ['b', 'c'].map((name) => {
      const row = model.rows.get(`workload/usr1/${name}`)
      return row !== undefined && 'labels' in row ? row.labels : undefined
    })
  t.deepEqual(errorsOf('x', update), expected)
  t.false(update.incomplete)
  t.deepEqual(labels(), [{ v: 'one' }, { v: 'two' }])

  const before = new Map(model.rows)
  model.rows.clear()
  const again = await open('p', { store }).apply(new Map([...Object.entries(texts), ...broken]))
  model.apply(again.changes)
  t.deepEqual(errorsOf('x', again), expected)
  t.deepEqual(model.rows, before)
  t.is(again.revision, update.revision)
})

test('a broken file without a last good version makes the picture incomplete', async (t) => {
  const directory = open('p')
  const broken = await directory.apply(
    new Map([
      ['p/a.yaml', usr1],
      ['p/b.yaml', 'kind: [\n'],
    ]),
  )
  t.true(broken.incomplete)
  t.is(broken.objects, 2)
  const repaired = await directory.apply(new Map([['p/b.yaml', tenant('usr2')]]))
  t.false(repaired.incomplete)
  t.deepEqual(repaired.errors, [])
})

test('an emptied file is held, a deleted one is obeyed', async (t) => {
  const directory = open('p')
  await directory.apply(new Map([['p/a.yaml', usr1]]))
  const emptied = await directory.apply(new Map([['p/a.yaml', '\n']]))
  t.deepEqual(errorsOf('x', emptied), [
    'p/a.yaml:1:1: error: file has become empty: delete it to delete its objects [empty-file]',
  ])
  t.deepEqual(emptied.changes, [])
  const commented = await directory.apply(new Map([['p/a.yaml', '# not now\n']]))
  t.deepEqual([commented.objects, commented.errors.length], [0, 0])
  await directory.apply(new Map([['p/a.yaml', usr1]]))
  const deleted = await directory.apply(new Map([['p/a.yaml', undefined]]))
  t.deepEqual(
    deleted.changes.map(({ table, id, row }) => [table, id, row]),
    [
      ['tenant', 'usr1', undefined],
      ['network', 'usr1/lan', undefined],
    ],
  )
})

test('of two files that declare the same object, the one that had it keeps it', async (t) => {
  const directory = open('p')
  await directory.apply(
    new Map([
      ['p/a.yaml', documents(usr1, workload('usr1', 'x', 'labels: {from: a}\n'))],
      ['p/b.yaml', workload('usr1', 'y')],
    ]),
  )
  const update = await directory.apply(
    new Map([['p/b.yaml', documents(workload('usr1', 'y', 'labels: {v: two}\n'), workload('usr1', 'x'))]]),
  )
  t.deepEqual(update.changes, [])
  t.deepEqual(errorsOf('x', update), [
    'p/a.yaml:11:7: error: workload usr1/x is declared twice, see p/b.yaml:9:7 [duplicate-object]',
    'p/b.yaml:9:7: error: workload usr1/x is declared twice, see p/a.yaml:11:7 [duplicate-object]',
  ])
  const moved = await directory.apply(new Map([['p/a.yaml', usr1]]))
  t.deepEqual(moved.errors, [])
  t.deepEqual(
    moved.changes.map(({ id, row }) => [id, row !== undefined && 'labels' in row && row.labels]),
    [
      ['usr1/x', {}],
      ['usr1/y', { v: 'two' }],
    ],
  )
})

test('a network that would leave its workloads outside waits until they follow', async (t) => {
  const directory = open('p')
  await directory.apply(
    new Map([
      ['p/a.yaml', usr1],
      ['p/b.yaml', workload('usr1', 'b', 'ip: 192.168.1.9\n')],
    ]),
  )
  const renumbered = documents(tenant('usr1'), network('usr1', 'lan', '10.0.0.0/24'))
  const held = await directory.apply(new Map([['p/a.yaml', renumbered]]))
  t.deepEqual(held.changes, [])
  t.deepEqual(errorsOf('x', held), [
    'p/a.yaml:7:9: error: network usr1/lan is held at its last good version: ip 192.168.1.9 is not an address of a station in network usr1/lan 10.0.0.0/24, see p/b.yaml:5:5 [held-back]',
    'p/b.yaml:5:5: error: ip 192.168.1.9 is not an address of a station in network usr1/lan 10.0.0.0/24, see p/a.yaml:7:9 [address-outside-subnet]',
  ])
  const both = await directory.apply(new Map([['p/b.yaml', workload('usr1', 'b', 'ip: 10.0.0.9\n')]]))
  t.deepEqual(both.errors, [])
  t.deepEqual(
    both.changes.map(({ id }) => id),
    ['usr1/lan', 'usr1/b'],
  )
})

test('what refers to a deleted object is out of force until that comes back, with the same numbers', async (t) => {
  const directory = open('p')
  const model = new Model()
  model.apply(
    (
      await directory.apply(
        new Map([
          ['p/a.yaml', tenant('usr1')],
          ['p/b.yaml', documents(network('usr1', 'lan', '192.168.1.0/24'), workload('usr1', 'b'))],
          ['p/c.yaml', tenant('usr2')],
        ]),
      )
    ).changes,
  )
  const before = new Map(model.rows)
  const gone = await directory.apply(new Map([['p/a.yaml', undefined]]))
  model.apply(gone.changes)
  t.deepEqual(model.ids(), ['cluster/cluster', 'tenant/usr2'])
  t.deepEqual(errorsOf('x', gone), [
    'p/b.yaml:2:9: error: tenant usr1 does not exist, did you mean usr2? [missing-reference]',
    'p/b.yaml:7:9: error: tenant usr1 does not exist, did you mean usr2? [missing-reference]',
  ])
  t.false(gone.incomplete)
  model.apply((await directory.apply(new Map([['p/d.yaml', tenant('usr3')]]))).changes)
  model.apply((await directory.apply(new Map([['p/d.yaml', undefined]]))).changes)
  const back = await directory.apply(new Map([['p/a.yaml', tenant('usr1')]]))
  model.apply(back.changes)
  t.deepEqual(back.errors, [])
  t.deepEqual(Object.fromEntries(model.rows), Object.fromEntries(before))
})

test('a chain of references falls link by link, and each link says why', async (t) => {
  const directory = open('p')
  await directory.apply(
    new Map([
      ['p/a.yaml', tenant('usr1')],
      ['p/b.yaml', host('vm1', '10.0.0.1')],
      [
        'p/c.yaml',
        'kind: Gateway\nname: g\nhosts: [vm1]\nbridge: b\nsubnet: 10.1.0.0/24\naddress: 10.1.0.2\nnextHop: 10.1.0.1\n',
      ],
      ['p/d.yaml', 'kind: Egress\ntenant: usr1\nname: x\ngateway: g\n'],
    ]),
  )
  const gone = await directory.apply(new Map([['p/b.yaml', undefined]]))
  t.deepEqual(errorsOf('x', gone), [
    'p/c.yaml:3:9: error: host vm1 does not exist [missing-reference]',
    'p/d.yaml:4:10: error: gateway g is not in force: see the errors of p/c.yaml [held-back]',
  ])
  t.is(gone.objects, 1)
})

test('allocations survive a restart, and deletion followed by return', async (t) => {
  const store = new MemoryStore()
  const all = new Map([
    ['p/a.yaml', usr1],
    ['p/b.yaml', documents(workload('usr1', 'b'), workload('usr1', 'c'))],
  ])
  const rows = async (files: ReadonlyMap<string, string>, seed: number) => {
    const model = new Model()
    model.apply((await open('p', { store, random: seeded(seed) }).apply(files)).changes)
    return model.rows
  }
  const first = await rows(all, 1)
  t.deepEqual(await rows(all, 2), first)
  await open('p', { store }).apply(new Map([['p/a.yaml', usr1]]))
  await open('p', { store }).apply(new Map([['p/x.yaml', documents(usr1, workload('usr1', 'new'))]]))
  t.deepEqual(await rows(all, 3), first)
})

test('a value that a file names wins over one that was allocated', async (t) => {
  const directory = open('p')
  const model = new Model()
  model.apply(
    (await directory.apply(new Map([['p/a.yaml', documents(usr1, workload('usr1', 'b'))]]))).changes,
  )
  const update = await directory.apply(
    new Map([
      ['p/c.yaml', workload('usr1', 'c', 'ip: 192.168.1.2\n')],
      ['p/d.yaml', network('usr1', 'dmz', '10.0.0.0/24', 'vni: 1\n')],
    ]),
  )
  model.apply(update.changes)
  t.deepEqual(update.errors, [])
  const found = ['workload/usr1/b', 'workload/usr1/c', 'network/usr1/lan', 'network/usr1/dmz'].map((id) => {
    const row = model.rows.get(id)
    return row && ('addresses' in row ? row.addresses : 'vni' in row ? row.vni : undefined)
  })
  t.deepEqual(found, [['192.168.1.3'], ['192.168.1.2'], 2, 1])
})

test('a subnet without addresses left is an error at the workload, which comes when one is free', async (t) => {
  const directory = open('p')
  const lan = documents(tenant('usr1'), network('usr1', 'lan', '192.168.1.0/30'))
  const update = await directory.apply(
    new Map([
      ['p/a.yaml', lan],
      ['p/b.yaml', documents(workload('usr1', 'b'), workload('usr1', 'c'))],
    ]),
  )
  t.deepEqual(errorsOf('x', update), [
    'p/b.yaml:9:10: error: no address is left in 192.168.1.0/30 of network usr1/lan [pool-exhausted]',
  ])
  const freed = await directory.apply(new Map([['p/b.yaml', workload('usr1', 'c')]]))
  t.deepEqual(freed.errors, [])
  t.deepEqual(
    freed.changes.map(({ id, row }) => [id, row && 'addresses' in row && row.addresses]),
    [
      ['usr1/b', undefined],
      ['usr1/c', ['192.168.1.2']],
    ],
  )
})

test('the MTU follows the hosts and the encapsulation', async (t) => {
  const directory = open('p')
  await directory.apply(
    new Map([
      ['p/a.yaml', documents(usr1, network('usr1', 'own', '10.0.0.0/24', 'mtu: 1300\n'))],
      ['p/h.yaml', host('vm1', '10.9.0.1')],
    ]),
  )
  const mtus = async (file: string, text: string) =>
    (await directory.apply(new Map([[file, text]]))).changes.flatMap(({ id, row }) =>
      row !== undefined && 'mtu' in row ? `${id} ${row.mtu}` : [],
    )
  t.deepEqual(await mtus('p/i.yaml', host('vm2', '10.9.0.2')), [])
  t.deepEqual(await mtus('p/j.yaml', `${host('vm3', '10.9.0.3')}underlayMtu: 1400\n`), ['usr1/lan 1350'])
  t.deepEqual(await mtus('p/c.yaml', 'kind: Cluster\nname: x\nencapsulation: gre\n'), ['usr1/lan 1358'])
})

test('a directory that is missing or empty is refused, and what is known of it is kept', async (t) => {
  const root = scratch(t)
  const store = new MemoryStore()
  const dir = `${root}/p`
  const missing = await open(dir, { store }).load()
  t.deepEqual([missing.refused, missing.incomplete, missing.objects], ['empty', true, 0])
  write(dir, { 'a.yaml': documents(usr1, workload('usr1', 'a')) })
  const first = await open(dir, { store }).load()
  t.deepEqual([first.refused, first.incomplete, first.objects], [undefined, false, 3])
  rmSync(dir, { recursive: true })
  mkdirSync(dir)
  const directory = open(dir, { store })
  const empty = await directory.load()
  t.deepEqual([empty.refused, empty.incomplete, empty.objects], ['empty', true, 0])
  write(dir, { 'a.yaml': `${documents(usr1, workload('usr1', 'a'))}ip: 1.2.3.4.5\n` })
  const broken = await directory.reread()
  t.deepEqual(
    [broken.refused, broken.incomplete, broken.objects],
    [undefined, false, 3],
    'the last good version',
  )
  const obeyed = await open(`${root}/none`, { store, allowEmpty: true }).load()
  t.deepEqual([obeyed.refused, obeyed.incomplete, obeyed.objects], [undefined, false, 0])
})

test('a reread finds what was written, changed and deleted meanwhile; several directories count together', async (t) => {
  const root = scratch(t)
  const [one, two] = [`${root}/one`, `${root}/two`]
  write(one, { 'a.yaml': usr1, 'b.yaml': workload('usr1', 'b') })
  write(two, { 'deep/er/c.yaml': workload('usr1', 'c') })
  const directory = open(one, { dirs: [one, two] })
  t.is((await directory.load()).objects, 4)
  rmSync(`${one}/b.yaml`)
  write(two, {
    'deep/er/c.yaml': workload('usr1', 'c', 'labels: {a: b}\n'),
    'd.json': '{"kind": "Tenant", "name": "d"}',
  })
  const update = await directory.reread()
  t.deepEqual(
    update.changes.map(({ table, id, row }) => [table, id, row !== undefined]),
    [
      ['workload', 'usr1/b', false],
      ['tenant', 'd', true],
      ['workload', 'usr1/c', true],
    ],
  )
})

test('objects are listed as the controller holds them', async (t) => {
  const directory = open('p')
  await directory.apply(
    new Map([['p/a.yaml', documents(usr1, workload('usr1', 'a', 'mac: 00:16:3e:00:00:01\n'))]]),
  )
  t.deepEqual(
    directory.objects().map(({ id }) => id),
    ['network/usr1/lan', 'tenant/usr1', 'workload/usr1/a'],
  )
  t.like(directory.counts(), { Network: 1, Tenant: 1, Workload: 1, Service: 0 })
  t.deepEqual(directory.objects('Workload'), [
    {
      id: 'workload/usr1/a',
      kind: 'Workload',
      tenant: 'usr1',
      name: 'a',
      file: 'p/a.yaml',
      line: 9,
      network: 'usr1/lan',
      mac: '00:16:3e:00:00:01',
      ip: ['192.168.1.2'],
      interface: 'usr1/a',
      key: 1,
      labels: {},
    },
  ])
})
