import test from 'ava'
import { decodeFlow } from '../../src/controller/views/flow-views.js'
import { formatActions, formatMatch } from '../../src/openflow/flow.js'
import { messageOf } from '../../src/pipeline/group-meter.js'
import { Cluster, severalHosts, twoTenants } from '../support/cluster.js'
import { host, put } from '../support/rows.js'

/** The groups of a host as an operator reads them. */
function groupsOf(cluster: Cluster, id: string): readonly string[] {
  const desired = cluster.engine.groupsAndMeters(id)
  return [...(desired?.keys() ?? [])].sort().flatMap((key) => {
    const message = messageOf(desired?.get(key)?.content ?? '')
    if (message.type !== 'groupMod') return []
    const buckets = (message.buckets ?? []).map(({ watchPort, watchGroup, actions }) => {
      const watched = watchPort === undefined ? `group ${watchGroup}` : `port ${watchPort}`
      return `${watched}: ${formatActions(actions)}`
    })
    return [`${message.group}`, ...buckets]
  })
}

const cluster = () => new Cluster().commit(...twoTenants, ...severalHosts)

test('where several hosts can carry a gateway, each chooses among those that live', (t) => {
  const three = cluster()
  t.snapshot(Object.fromEntries(['h1', 'h2', 'h3'].map((id) => [id, groupsOf(three, id)])))
})

test('hosts follow an order other than that of the file', (t) => {
  const three = cluster().commit(put('succession', { id: 'out', hosts: ['h2', 'h1'], suspended: [] }))
  t.snapshot(Object.fromEntries(['h1', 'h2', 'h3'].map((id) => [id, groupsOf(three, id)])))
})

const held = { id: 'out', hosts: ['h1', 'h2'], suspended: [], isHeld: true } as const

for (const [what, isEchoed] of [
  ['the order again', false],
  ['its next, if the next hop proves that nobody does', true],
] as const)
  test(`hosts of a gateway that is held go by who carries it, and then by ${what}`, (t) => {
    const three = cluster().commit(put('succession', { ...held, isEchoed }))
    t.snapshot(Object.fromEntries(['h1', 'h2'].map((id) => [id, groupsOf(three, id)])))
  })

/** Flows that carry questions of who carries a gateway, by table. */
const questions = (of: Cluster, id: string) =>
  of
    .flows(id)
    .filter(([, , unit]) => unit.includes('who carries'))
    .map(([key, content]) => {
      const { table, match, actions } = decodeFlow(key, content)
      return `${table} ${formatMatch(match)} ${formatActions(actions)}`
    })

test('questions go by way of the next hop, and stay here where that sends nothing back', (t) => {
  const echoed = questions(cluster(), 'h1')
  const plain = questions(cluster().commit(put('succession', { ...held, isEchoed: false })), 'h1')
  t.snapshot({ echoed, plain })
  t.deepEqual(questions(cluster(), 'h3'), [])
})

test('of two hosts alone neither waits for a third, and both ask over the wire outside too', (t) => {
  const two = new Cluster().commit(
    ...twoTenants,
    ...severalHosts
      .filter(({ id }) => id !== 'h3')
      .map((change) => {
        if (change.table !== 'bridge' || !change.row?.sessions) return change
        const { h3: _, ...sessions } = change.row.sessions
        return put('bridge', { ...change.row, sessions })
      }),
  )
  t.snapshot(Object.fromEntries(['h1', 'h2'].map((id) => [id, groupsOf(two, id)])))
  const overheard = (of: Cluster) => questions(of, 'h2').filter((flow) => flow.includes('output:201'))
  t.snapshot(overheard(two))
  t.deepEqual(overheard(cluster()), [])
})

test('nobody speaks to a host that does not know of the order', (t) => {
  const before = cluster()
  const after = cluster().commit(put('succession', { id: 'out', hosts: ['h2', 'h1'], suspended: ['h1'] }))
  const heartbeats = (of: Cluster, id: string) =>
    of.flows(id).filter(([, , unit]) => unit.includes('heartbeats')).length
  t.deepEqual([heartbeats(before, 'h3'), heartbeats(after, 'h3')], [4, 2])
  t.deepEqual([heartbeats(before, 'h1'), heartbeats(after, 'h1')], [4, 0])
})

test('a gateway of one host has no groups', (t) => {
  const one = new Cluster().commit(...twoTenants, put('host', host('h3', 3)))
  t.deepEqual(groupsOf(one, 'h1'), [])
})
