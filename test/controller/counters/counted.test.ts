import test from 'ava'
import { pipeline } from '../../../flows/pipeline.js'
import { Counting } from '../../../src/controller/counters/counted.js'
import { decodeFlow } from '../../../src/controller/views/flow-views.js'
import { cookieOf } from '../../../src/pipeline/flow.js'
import { Cluster, twoTenants } from '../../support/cluster.js'
import { policy, rules, somePolicies } from '../../support/policies.js'
import { put } from '../../support/rows.js'

/** What the flows of a host count for: `policy direction/rule kind`, or their action, by table and priority. */
function counted(cluster: Cluster, host: string): ReadonlyMap<string, readonly string[]> {
  const counting = new Counting(cluster.model, pipeline)
  const found = new Map<string, string[]>()
  for (const [key, content] of cluster.flows(host)) {
    if (!counting.tables.includes(key.charCodeAt(0))) continue
    const unit = cluster.engine.unit(cookieOf(content))
    const flow = decodeFlow(key, content)
    const of = unit && counting.of(unit, flow)
    const what = of ? `${of.policy} ${of.direction}/${of.index ?? 'default'} ${of.kind}` : 'nothing'
    const place = `${unit?.table.name} ${flow.priority}`
    found.set(what, [...(found.get(what) ?? []), place].sort())
  }
  return found
}

const cluster = new Cluster().commit(
  ...twoTenants,
  put(
    'policy',
    policy('b/web', 3, {
      select: {},
      ingress: rules(0, { log: true }, { action: 'deny' }),
      egress: rules(0, { action: 'reject' }),
    }),
  ),
  put('policy', policy('b/kept', 4, { established: 'keep', ingress: rules(2, { action: 'deny' }) })),
)

test('each flow of a rule counts for it', (t) => {
  const found = counted(cluster, 'h1')
  t.deepEqual(found.get('b/web ingress/0 allowed'), [
    'ingress-verdict 120',
    'ingress-verdict 150',
    'ingress-verdict 200',
  ])
  t.deepEqual(found.get('b/web ingress/0 replies'), ['egress-tracked 300', 'ingress-verdict 310'])
  t.deepEqual(found.get('b/web ingress/1 denied'), ['ingress-verdict 100', 'ingress-verdict 200'])
  t.deepEqual(found.get('b/web egress/0 denied'), ['egress-verdict 100', 'egress-verdict 200'])
})

test('a denial that keeps connections lets these pass', (t) => {
  const found = counted(cluster, 'h1')
  t.deepEqual(found.get('b/kept ingress/0 allowed'), ['ingress-verdict 200'])
  t.deepEqual(found.get('b/kept ingress/0 denied'), ['ingress-verdict 100'])
})

test('what rules leave over counts for the policy, what no policy decides for none', (t) => {
  const found = counted(cluster, 'h1')
  t.deepEqual(found.get('b/web ingress/default denied'), ['ingress-verdict 100', 'ingress-verdict 200'])
  t.deepEqual(found.get('b/web ingress/default allowed'), ['ingress-verdict 210', 'ingress-verdict 220'])
  t.deepEqual(found.get(' egress/default allowed'), ['egress-verdict 120', 'egress-verdict 200'])
  t.deepEqual(found.get(' ingress/default replies'), [
    'egress-tracked 200',
    'egress-tracked 200',
    'ingress-verdict 310',
  ])
  t.deepEqual(found.get(' ingress/default denied'), ['ingress-tracked 1'])
})

test('of every policy, each rule that decides is counted, and nothing else', (t) => {
  const all = new Cluster().commit(...twoTenants, ...somePolicies)
  const rulesCounted = new Set(
    [...counted(all, 'h1').keys()].map((what) => what.split(' ').slice(0, 2).join('#')),
  )
  for (const { id, action } of all.model.rows('rule')) t.is(rulesCounted.has(id), action !== 'pass', id)
})
