import test from 'ava'
import fc from 'fast-check'
import type { Reader } from '../../src/model/cell.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { host, network, port, put, workload } from '../support/rows.js'

function reader(): Reader {
  return { cells: [] }
}

test('a transaction that changes nothing reports nothing', (t) => {
  const model = new Model()
  model.commit([put('network', network('a/lan', 1))])
  const again = model.commit([put('network', network('a/lan', 1)), { table: 'tenant', id: 'nobody' }])
  t.deepEqual(again.changes, [])
  t.is(again.readers.size, 0)
})

test('whoever read a row, or its absence, is told when it changes', (t) => {
  const model = new Model()
  const one = reader()
  t.is(
    model.track(one, (reads) => reads.get('network', 'a/lan')),
    undefined,
  )
  t.deepEqual([...model.commit([put('network', network('a/lan', 1))]).readers], [one])
  t.is(model.commit([put('network', network('b/lan', 2))]).readers.size, 0)
})

test('a workload runs on the first host that has its interface, whatever came first', (t) => {
  const rows = [
    ...['h1', 'h2'].map((id, i) => put('host', host(id, i + 1))),
    put('network', network('a/lan', 1)),
    put('workload', workload('a/w', 'a/lan', 5)),
  ]
  const ports = [put('port', port('h2', 'p1', 'a/w', 7)), put('port', port('h1', 'p9', 'a/w', 3))]
  for (const changes of [
    [...rows, ...ports],
    [...ports.reverse(), ...rows],
  ]) {
    const model = new Model()
    for (const change of changes) model.commit([change])
    t.like(model.get('placement', 'a/w'), { host: 'h1', ofport: 3 })
    t.deepEqual(
      [...model.rows('segment')].map(({ id }) => id),
      ['a/lan@h1'],
    )
    model.commit([{ table: 'port', id: 'h1/p9' }])
    t.like(model.get('placement', 'a/w'), { host: 'h2', ofport: 7 })
    t.deepEqual(
      [...model.rows('segment')].map(({ id }) => id),
      ['a/lan@h2'],
    )
  }
})

test('who reads the hosts of a network is told of a new host, not of a new workload', (t) => {
  const model = new Model()
  model.commit([
    put('host', host('h0', 1)),
    put('host', host('h1', 2)),
    put('network', network('a/lan', 1)),
    put('workload', workload('a/v', 'a/lan', 5)),
    put('workload', workload('a/w', 'a/lan', 6)),
    put('port', port('h1', 'v', 'a/v', 1)),
  ])
  const one = reader()
  t.deepEqual(
    model.track(one, (reads) => reads.by('hostsOfNetwork', 'a/lan')),
    ['h1'],
  )
  t.false(model.commit([put('port', port('h1', 'w', 'a/w', 2))]).readers.has(one))
  t.true(model.commit([put('port', port('h0', 'w', 'a/w', 2))]).readers.has(one))
  t.deepEqual(model.by('hostsOfNetwork', 'a/lan'), ['h0', 'h1'])
})

const names = fc.constantFrom('a', 'b', 'c')
const change: fc.Arbitrary<Change> = fc.oneof(
  names.map((n) => put('host', host(n, 1))),
  names.map((n): Change => ({ table: 'host', id: n })),
  fc.tuple(names, fc.nat(3)).map(([n, vni]) => put('network', network(`t/${n}`, vni + 1))),
  names.map((n): Change => ({ table: 'network', id: `t/${n}` })),
  fc.tuple(names, names).map(([n, of]) => put('workload', workload(`t/${n}`, `t/${of}`, 9))),
  names.map((n): Change => ({ table: 'workload', id: `t/${n}` })),
  fc.tuple(names, names, fc.nat(4)).map(([h, w, n]) => put('port', port(h, `p${n}`, `t/${w}`, n + 1))),
  fc.tuple(names, fc.nat(4)).map(([h, n]): Change => ({ table: 'port', id: `${h}/p${n}` })),
)

test('derived rows and indexes are those of a model that was built at once', (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 30 }), (transactions) => {
      const model = new Model()
      for (const changes of transactions) model.commit(changes)
      const fresh = new Model()
      fresh.commit([
        ...Array.from(model.rows('host'), (row) => put('host', row)),
        ...Array.from(model.rows('port'), (row) => put('port', row)),
        ...Array.from(model.rows('workload'), (row) => put('workload', row)),
        ...Array.from(model.rows('network'), (row) => put('network', row)),
      ])
      for (const table of ['placement', 'segment'] as const)
        t.deepEqual(byId(model.rows(table)), byId(fresh.rows(table)))
      for (const name of ['a', 'b', 'c']) {
        t.deepEqual(model.by('hostsOfNetwork', `t/${name}`), fresh.by('hostsOfNetwork', `t/${name}`))
        t.deepEqual(model.by('networksOnHost', name), fresh.by('networksOnHost', name))
        t.deepEqual(model.by('portsByInterface', `t/${name}`), fresh.by('portsByInterface', `t/${name}`))
      }
    }),
    { numRuns: 300 },
  )
})

function byId<R extends { readonly id: string }>(rows: Iterable<R>): readonly R[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))
}

test('a port of a host that no file names is no place to run', (t) => {
  const model = new Model()
  model.commit([
    put('network', network('a/lan', 1)),
    put('workload', workload('a/w', 'a/lan', 5)),
    put('port', port('h1', 'w', 'a/w', 1)),
  ])
  t.is(model.get('placement', 'a/w'), undefined)
  model.commit([put('host', host('h1', 1))])
  t.like(model.get('placement', 'a/w'), { host: 'h1' })
})

test('who reads something else than before is told of that only, and of what it reads twice as long as it reads it', (t) => {
  const model = new Model()
  const one = reader()
  const read = (...ids: readonly string[]) =>
    model.track(one, (reads) => {
      for (const id of ids) reads.get('network', id)
    })
  const told = (id: string, vni: number) => model.commit([put('network', network(id, vni))]).readers.has(one)
  read('a/one', 'a/two', 'a/one', 'a/three')
  read('a/one', 'a/four', 'a/three')
  t.deepEqual(
    ['a/one', 'a/two', 'a/three', 'a/four'].map((id) => told(id, 1)),
    [true, false, true, true],
  )
  read('a/four', 'a/one')
  t.deepEqual(
    ['a/one', 'a/two', 'a/three', 'a/four'].map((id) => told(id, 2)),
    [true, false, false, true],
  )
  read()
  t.deepEqual(
    ['a/one', 'a/four'].map((id) => told(id, 3)),
    [false, false],
  )
})
