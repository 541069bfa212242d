import test from 'ava'
import { pipeline } from '../../flows/pipeline.js'
import { label, part, reg } from '../../flows/registers.js'
import { decodeFlow } from '../../src/controller/views/flow-views.js'
import { type Action, formatActions, formatMatch } from '../../src/openflow/flow.js'
import {
  addressesOutside,
  behindPorts,
  Cluster,
  limits,
  mirrors,
  severalHosts,
  someRoutes,
  twoTenants,
  vlans,
} from '../support/cluster.js'
import { somePolicies } from '../support/policies.js'
import { put, service } from '../support/rows.js'

const open = new Cluster().commit(
  ...twoTenants,
  ...limits,
  put('peering', { id: 'a/b', tenant: 'a', peer: 'b' }),
  put('peering', { id: 'b/a', tenant: 'b', peer: 'a', networks: ['lan'] }),
  ...addressesOutside,
  ...someRoutes,
)
const guarded = new Cluster().commit(
  ...twoTenants,
  put('peering', { id: 'a/b', tenant: 'a', peer: 'b' }),
  put('peering', { id: 'b/a', tenant: 'b', peer: 'a', networks: ['lan'] }),
  ...somePolicies,
)
const nested = new Cluster().commit(...twoTenants, ...behindPorts, ...somePolicies)
const wired = new Cluster().commit(...twoTenants, ...vlans)
const shared = new Cluster().commit(...twoTenants, ...severalHosts)
const listened = new Cluster().commit(...twoTenants, ...mirrors)
const served = new Cluster().commit(
  ...twoTenants,
  put(
    'service',
    service('b/web', 50, {
      ports: [
        { protocol: 'tcp', range: [80, 80] },
        { protocol: 'udp', range: [443, 443], target: 8443 },
      ],
    }),
  ),
  put('service', service('b/any', 51, { addresses: ['10.96.0.10'], affinity: 'source' })),
)
const flowsOf = (cluster: Cluster, host: string) =>
  cluster.flows(host).map(([key, content, unit]) => ({ host, unit, flow: decodeFlow(key, content) }))
const flows = [open, guarded, shared, nested, wired, listened, served].flatMap((cluster) =>
  ['h1', 'h2'].flatMap((host) => flowsOf(cluster, host)),
)

test('tables stand in the order of their numbers, each number and name once', (t) => {
  const numbers = pipeline.map(({ number }) => number)
  t.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  )
  t.is(new Set(pipeline.map(({ name }) => name)).size, pipeline.length)
  for (const { name, rules } of pipeline)
    t.is(new Set(rules.map((rule) => rule.name)).size, rules.length, name)
})

test('no two registers overlap', (t) => {
  const fields = Object.values(reg)
  t.is(new Set(fields).size, fields.length)
})

test('every table has flows in the sample, and every flow keeps what its table promises', (t) => {
  const byNumber = new Map(pipeline.map((table) => [table.number, table]))
  const seen = new Set<number>()
  for (const { unit, flow } of flows) {
    seen.add(flow.table)
    const table = byNumber.get(flow.table)
    t.truthy(table, unit)
    if (!table) continue
    for (const field of Object.keys(flow.match))
      t.true((table.matches as readonly string[]).includes(field), `${unit}: ${field}`)
    for (const field of written(flow.actions))
      t.true(((table.sets ?? []) as readonly string[]).includes(field), `${unit}: sets ${field}`)
    for (const next of reached(flow.actions))
      t.true((table.next ?? []).includes(byNumber.get(next)?.name ?? ''), `${unit}: goes to ${next}`)
  }
  t.deepEqual(
    [...seen].sort((a, b) => a - b),
    pipeline.map(({ number }) => number),
  )
})

test('packets only go to later tables, except back to the router', (t) => {
  for (const { unit, flow } of flows)
    for (const action of flow.actions)
      if (action.type === 'gotoTable') t.true(action.table > flow.table, unit)
})

test('no unit contradicts another', (t) => {
  for (const { engine } of [open, guarded, shared, nested, wired, listened, served])
    for (const host of ['h1', 'h2']) t.deepEqual([...(engine.desired(host)?.conflicts() ?? [])], [])
})

for (const [name, parts] of Object.entries({ label, part }))
  test(`no two fields overlap: ${name}`, (t) => {
    let used = 0n
    for (const { offset, bits } of Object.values(parts)) {
      const mask = ((1n << BigInt(bits)) - 1n) << BigInt(offset)
      t.is(used & mask, 0n)
      used |= mask
    }
  })

for (const [name, cluster] of Object.entries({ open, guarded, shared, nested, wired, listened, served }))
  test(`flows as an operator reads them: ${name}`, (t) => {
    const text = flowsOf(cluster, 'h2')
      .filter(({ flow }) => flow.priority > 1)
      .map(
        ({ flow }) =>
          `table=${flow.table}, priority=${flow.priority},${formatMatch(flow.match)} actions=${formatActions(flow.actions)}`,
      )
    t.snapshot(text)
  })

function written(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => {
    switch (action.type) {
      case 'setField':
        return [action.field]
      case 'move':
      case 'load':
      case 'pop':
      case 'checkPktLarger':
        return [action.dst.field]
      case 'decTtl':
        return ['ipTtl']
      case 'clone':
        return written(action.actions)
      default:
        return []
    }
  })
}

function reached(actions: readonly Action[]): readonly number[] {
  return actions.flatMap((action) => {
    if (action.type === 'gotoTable' || action.type === 'resubmit' || action.type === 'ct')
      return action.table ?? []
    return action.type === 'clone' ? reached(action.actions) : []
  })
}
