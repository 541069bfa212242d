import test from 'ava'
import fc from 'fast-check'
import { formatError, type PolicyUpdate } from '../../src/policy/index.js'
import { MemoryStore } from '../../src/store/store.js'
import { documents, host, Model, network, open, peering, seeded, tenant, workload } from './support.js'

/** Documents that get along, and many that are at odds with each other. */
const pieces = [
  tenant('t1'),
  tenant('t2'),
  `${tenant('t2')}labels: {a: b}\n`,
  host('h1', '10.9.0.1'),
  host('h2', '10.9.0.1'),
  `${host('h2', '10.9.0.2')}underlayMtu: 1400\n`,
  'kind: Cluster\nname: one\nencapsulation: gre\n',
  'kind: Cluster\nname: two\n',
  network('t1', 'lan', '10.1.0.0/29'),
  network('t1', 'lan', '10.1.0.0/29', 'gateway: 10.1.0.3\nsubnet6: fd00::/64\n'),
  network('t1', 'lan', '10.2.0.0/30', 'vni: 1\n'),
  network('t1', 'dmz', '10.1.0.0/16'),
  network('t1', 'dmz', '10.3.0.0/24', 'vni: 1\n'),
  network('t2', 'lan', '10.1.0.0/24'),
  network('t2', 'lan', '10.4.0.0/24', 'vni: 2\n'),
  peering('t1', 't2'),
  peering('t2', 't1'),
  `${peering('t2', 't1')}networks: [lan]\n`,
  workload('t1', 'a'),
  workload('t1', 'a', 'ip: 10.1.0.2\n'),
  workload('t1', 'b', 'ip: 10.1.0.2\nmac: 00:16:3e:00:00:01\n'),
  workload('t1', 'b', 'ip: 10.1.0.4\ninterface: t1/a\n'),
  workload('t1', 'c'),
  workload('t1', 'c', 'ip: fd00::2\n'),
  workload('t1', 'd'),
  workload('t1', 'e', '', 'dmz'),
  workload('t1', 'f'),
  workload('t1', 'g'),
  workload('t2', 'a', 'mac: 00:16:3e:00:00:01\n'),
  'kind: Gateway\nname: g\nhosts: [h1]\nbridge: br-ex\nsubnet: 10.8.0.0/24\naddress: 10.8.0.2\nnextHop: 10.8.0.1\n',
  'kind: Egress\ntenant: t1\nname: out\ngateway: g\n',
  'kind: Egress\ntenant: t1\nname: some\ngateway: g\nselect: {role: web}\naddress: 10.8.0.3\n',
  'kind: FloatingIp\ntenant: t1\nname: a\nworkload: a\naddress: 10.8.0.3\ngateway: g\n',
  'kind: FloatingIp\ntenant: t1\nname: b\nworkload: c\naddress: 10.8.0.4\ngateway: g\n',
  'kind: PortForward\ntenant: t1\nname: a\naddress: 10.8.0.2\nport: tcp/80\nto: "a:80"\ngateway: g\n',
  'kind: PortForward\ntenant: t1\nname: b\naddress: 10.8.0.3\nport: tcp/80\nto: "b:80"\ngateway: h\n',
  'kind: Gateway\nname: h\nhosts: [h1]\nbridge: br-ex\nsubnet: 10.8.0.0/24\naddress: 10.8.0.5\nnextHop: 10.8.0.1\nvlan: 5\npool: [10.8.0.3]\n',
  'kind: Mirror\ntenant: t1\nname: m\nto: a\n',
  'kind: Mirror\ntenant: t1\nname: m\nselect: {role: web}\nto: b\ndirection: in\n',
  'kind: Mirror\ntenant: t2\nname: m\nto: t1/a\n',
  'kind: Service\ntenant: t1\nname: s\nbackends: {}\naddress: 10.1.0.2\n',
  'kind: Service\ntenant: t1\nname: s\nbackends: {}\naddress: [10.1.0.4, "fd00::2"]\n',
  'kind: Service\ntenant: t1\nname: r\nbackends: {}\naddress: 10.1.0.4\n',
  'kind: Service\ntenant: t2\nname: s\nbackends: {}\naddress: 10.1.0.2\n',
  workload('t1', 'f', 'allowed: [10.1.0.4]\n'),
  'kind: Workload\nname: broken\n',
  'kind: [\n',
  '# nothing\n',
]

/** A file that gives the others something to refer to; they may still replace or delete it. */
const ground = documents(
  tenant('t1'),
  tenant('t2'),
  host('h1', '10.9.0.1'),
  network('t1', 'lan', '10.1.0.0/29'),
  network('t2', 'lan', '10.4.0.0/24'),
)

const text = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.subarray(pieces, { minLength: 1, maxLength: 4 }).map((some) => documents(...some)),
  },
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constant(undefined) },
)
const file = fc.oneof(
  { weight: 1, arbitrary: fc.constant('p/1.yaml') },
  { weight: 9, arbitrary: fc.constantFrom('p/2.yaml', 'p/3.yaml', 'p/4.yaml', 'p/5.yaml') },
)
const batch = fc.array(fc.tuple(file, text), { minLength: 1, maxLength: 3 }).map((edits) => new Map(edits))
const history = fc
  .array(batch, { minLength: 1, maxLength: 12 })
  .map((some): ReadonlyMap<string, string | undefined>[] => [new Map([['p/1.yaml', ground]]), ...some])

function copyOf(store: MemoryStore): MemoryStore {
  const copy = new MemoryStore()
  copy.commit([...store.rows()])
  return copy
}

function outcome(update: PolicyUpdate, model: Model) {
  return {
    rows: Object.fromEntries([...model.rows].sort(([a], [b]) => (a < b ? -1 : 1))),
    errors: update.errors.map(formatError),
    incomplete: update.incomplete,
    revision: update.revision,
    objects: update.objects,
  }
}

test('any sequence of edits ends where a load of the same files with the same state ends', async (t) => {
  let accepted = 0
  let errors = 0
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: 1, max: 1000 }), async (batches, seed) => {
      const store = new MemoryStore()
      const directory = open('p', { store, random: seeded(seed) })
      const model = new Model()
      const files = new Map<string, string | undefined>()
      for (const edits of batches) {
        for (const [name, content] of edits) files.set(name, content)
        const update = await directory.apply(edits)
        model.apply(update.changes)
        const scratch = new Model()
        const again = await open('p', { store: copyOf(store), random: seeded(seed + 1) }).apply(files)
        scratch.apply(again.changes)
        t.deepEqual(outcome(again, scratch), outcome(update, model))
        accepted += update.objects
        errors += update.errors.length
      }
    }),
    { numRuns: 200 },
  )
  t.true(accepted > 1000 && errors > 1000, 'the edits make both objects and errors')
})

test('what is in force never has a problem: every reference leads somewhere, no value is used twice', async (t) => {
  await fc.assert(
    fc.asyncProperty(history, async (batches) => {
      const directory = open('p')
      const model = new Model()
      for (const edits of batches) {
        model.apply((await directory.apply(edits)).changes)
        const rows = [...model.rows.values()]
        for (const row of rows) {
          if ('tenant' in row && row.tenant !== undefined) t.true(model.rows.has(`tenant/${row.tenant}`))
          if ('network' in row) t.true(model.rows.has(`network/${row.network}`))
        }
        for (const values of [
          rows.flatMap((row) => ('key' in row ? row.key : [])),
          rows.flatMap((row) => ('number' in row && !('tier' in row) ? row.number : [])),
          rows.flatMap((row) => ('vni' in row ? row.vni : [])),
          rows.flatMap((row) => ('translation' in row ? row.translation : [])),
          rows.flatMap((row) =>
            'addresses' in row && 'network' in row ? row.addresses.map((ip) => `${row.network} ${ip}`) : [],
          ),
          rows.flatMap((row) => ('interface' in row ? row.interface : [])),
        ]) {
          t.is(new Set<string | number>(values).size, values.length)
        }
      }
    }),
    { numRuns: 100 },
  )
})
