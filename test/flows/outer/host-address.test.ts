import test from 'ava'
import { outerPipeline } from '../../../flows/outer/pipeline.js'
import { outerEngine } from '../../../src/controller/outer-bridges.js'
import { decodeFlow } from '../../../src/controller/views/flow-views.js'
import type { Change } from '../../../src/model/rows.js'
import { formatActions, formatMatch } from '../../../src/openflow/flow.js'
import { isOurs } from '../../../src/pipeline/cookie.js'
import { Cluster, hostAddress, twoTenants } from '../../support/cluster.js'
import { contradictions } from '../../support/overlap.js'
import { gateway, put } from '../../support/rows.js'

const id = 'h1/br-ex'

function flowsOf(...changes: readonly Change[]) {
  return new Cluster(outerEngine)
    .commit(...changes)
    .flows(id)
    .map(([key, content]) => decodeFlow(key, content))
    .reverse()
}

const flows = flowsOf(...twoTenants, ...hostAddress)

test('flows as an operator reads them', (t) => {
  t.snapshot(
    flows.map(
      ({ priority, match, actions }) =>
        `priority=${priority},${formatMatch(match)} actions=${formatActions(actions)}`,
    ),
  )
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
