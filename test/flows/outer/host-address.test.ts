import test from 'ava'
import { outerPipeline } from '../../../flows/outer/pipeline.js'
import { outerEngine } from '../../../src/controller/outer-bridges.js'
import { decodeFlow } from '../../../src/controller/views/flow-views.js'
import type { Change } from '../../../src/model/rows.js'
import { formatActions, formatMatch } from '../../../src/openflow/flow.js'
import { isOurs } from '../../../src/pipeline/cookie.js'
import {
  Cluster,
  hostAddress,
  severalHostAddresses,
  severalHosts,
  twoTenants,
} from '../../support/cluster.js'
import { contradictions } from '../../support/overlap.js'
import { gateway, put } from '../../support/rows.js'

const id = 'h1/br-ex'

function flowsAt(bridge: string, ...changes: readonly Change[]) {
  return new Cluster(outerEngine)
    .commit(...changes)
    .flows(bridge)
    .map(([key, content]) => decodeFlow(key, content))
    .reverse()
}

const flowsOf = (...changes: readonly Change[]) => flowsAt(id, ...changes)
const flows = flowsOf(...twoTenants, ...hostAddress)
const several = [...twoTenants, ...severalHosts, ...severalHostAddresses]

const text = ({ priority, match, actions }: (typeof flows)[number]) =>
  `priority=${priority},${formatMatch(match)} actions=${formatActions(actions)}`

test('flows as an operator reads them', (t) => {
  t.snapshot(flows.map(text))
})

test('each of several hosts has those for its own address, and what the next hop sends back', (t) => {
  const [one = [], two = []] = ['h1/br-ex', 'h2/br-ex'].map((bridge) => flowsAt(bridge, ...several))
  t.deepEqual([...contradictions(one)], [])
  t.deepEqual([...contradictions(two)], [])
  const there = two.map((flow) => text(flow).replaceAll('0a:02:00:00:00:02', '0a:01:00:00:00:01'))
  t.deepEqual(
    there.map((flow) => flow.replaceAll('203.0.113.71', '203.0.113.70')),
    one.map(text),
  )
  t.false(one.some((flow) => text(flow).includes('203.0.113.71')))
  const alone = new Set(flows.map(text))
  t.deepEqual(
    one.map(text).filter((flow) => !alone.has(flow)),
    [
      'priority=65004,udp,reg15=0,nw_src=203.0.113.70,nw_dst=203.0.113.70,tp_dst=3784 actions=set_field:0a:ff:00:00:00:01->eth_dst,output:3',
    ],
  )
  t.is(one.length, flows.length + 1)
})

/** The lines of a host's flows that tell one of two addresses from the other. */
function naming(address: string, ...changes: readonly Change[]): (host: string) => readonly string[] {
  const cluster = new Cluster().commit(...changes)
  return (host) =>
    cluster.flows(host).flatMap(([key, content]) => {
      const { table, match, actions } = decodeFlow(key, content)
      const line = `table=${table},${formatMatch(match)} actions=${formatActions(actions)}`
      return line.includes(address) ? [line] : []
    })
}

test('what names the address of one of several hosts is on that host alone', (t) => {
  const [first, second] = ['203.0.113.70', '203.0.113.71'].map((address) => naming(address, ...several))
  const lines = first?.('h1') ?? []
  t.snapshot(lines)
  t.deepEqual(
    second?.('h2').map((line) => line.replaceAll('203.0.113.71', '203.0.113.70')).length,
    lines.length,
  )
  for (const [of, hosts] of [
    [first, ['h2', 'h3']],
    [second, ['h1', 'h3']],
  ] as const)
    for (const host of hosts) t.deepEqual(of?.(host), [], host)
})

test('all are marked as ours, in the first table, above what an operator writes, and agree', (t) => {
  t.true(flows.length > 0)
  for (const { cookie, table, priority } of flows) t.true(isOurs(cookie) && table === 0 && priority >= 65_000)
  t.deepEqual([...contradictions(flows)], [])
})

test('a flow keeps what its table promises', (t) => {
  const [table] = outerPipeline
  for (const { match, actions } of flows) {
    for (const field of Object.keys(match)) t.true(table?.matches.includes(field as never), field)
    for (const action of actions)
      if (action.type === 'setField') t.true(table?.sets?.includes(action.field), action.field)
  }
})

test('a gateway with an address of its own, or on a bridge that is not known, has none there', (t) => {
  t.deepEqual(flowsOf(...twoTenants, ...hostAddress, put('gateway', gateway('out', 9))), [])
  t.deepEqual(flowsOf(...twoTenants, ...hostAddress.filter(({ table }) => table !== 'outerBridge')), [])
})

test('at the gateway, connections of workloads get its ports, and who has the address is not answered', (t) => {
  const cluster = new Cluster().commit(...twoTenants, ...hostAddress)
  const texts = cluster.flows('h1').map(([key, content]) => {
    const { match, actions } = decodeFlow(key, content)
    return `${formatMatch(match)} actions=${formatActions(actions)}`
  })
  t.true(texts.some((text) => /tcp,.*nat\(src=203\.0\.113\.70:61440-65535\)/.test(text)))
  t.true(texts.some((text) => /udp,.*nat\(src=203\.0\.113\.70:61440-65535\)/.test(text)))
  t.false(texts.some((text) => /arp_tpa=203\.0\.113\.70,arp_op=1/.test(text)))
  t.true(
    new Cluster()
      .commit(...twoTenants)
      .flows('h1')
      .some(([key, content]) => {
        const { match } = decodeFlow(key, content)
        return /arp_tpa=203\.0\.113\.70,arp_op=1/.test(formatMatch(match))
      }),
  )
})
