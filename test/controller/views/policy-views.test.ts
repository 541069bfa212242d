import test from 'ava'
import { Sources } from '../../../src/controller/sources.js'
import { PolicyViews } from '../../../src/controller/views/policy-views.js'
import { Cluster, twoTenants } from '../../support/cluster.js'
import { ruleCounters } from '../../support/fake-controller.js'
import { policy, rules } from '../../support/policies.js'
import { put, workload } from '../../support/rows.js'

const lines: Readonly<Record<string, number>> = { '': 10, 'ingress/0': 12, 'ingress/1': 15 }

test('a policy with what it selects, and its rules with place and counters', (t) => {
  const { model, engine } = new Cluster().commit(
    ...twoTenants,
    put('workload', workload('a/web', 'a/lan', 70, { labels: { kind: 'shop' } })),
    put('workload', workload('b/web', 'b/lan', 71, { labels: { kind: 'shop' } })),
    put(
      'policy',
      policy('a/web', 5, { select: { kind: 'shop' }, ingress: rules(0, {}, { action: 'deny' }) }),
    ),
    put('policy', policy('guard', 6, { select: { kind: 'shop' }, egress: [] })),
  )
  const sources = new Sources([engine], model, (_object, part = []) => {
    const line = lines[part.join('/')]
    return line === undefined ? undefined : { file: 'a.yaml', line }
  })
  const counters = [
    ruleCounters({ policy: 'a/web', rule: '0' }),
    ruleCounters({ policy: 'a/web', rule: 'default' }),
  ]
  const views = new PolicyViews(model, sources, counters)
  const object = { kind: 'Policy', name: 'web', file: 'a.yaml', line: 10 }
  const zero = { packets: '0', bytes: '0' }
  const { allowed, denied, replies } = ruleCounters()
  t.deepEqual(views.view({ ...object, id: 'policy/a/web' }), {
    ...object,
    id: 'policy/a/web',
    selected: 1,
    ingress: [
      {
        index: 0,
        position: 0,
        action: 'allow',
        log: false,
        file: 'a.yaml',
        line: 12,
        allowed,
        denied,
        replies,
      },
      {
        ...{ index: 1, position: 1, action: 'deny', log: false, file: 'a.yaml', line: 15 },
        ...{ allowed: zero, denied: zero, replies: zero },
      },
    ],
    default: { ingress: { allowed, denied, replies } },
  })
  const guard = views.view({ ...object, id: 'policy/guard' })
  t.like(guard, { selected: 2, egress: [], default: { egress: { denied: zero } } })
})
