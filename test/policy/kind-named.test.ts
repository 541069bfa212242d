import test from 'ava'
import { kindNamed } from '../../src/policy/kind-named.js'
import { kindNames } from '../../src/policy/kinds/index.js'

test('a kind is meant by its name and its plural, in any case', (t) => {
  const words = {
    policies: 'Policy',
    gateways: 'Gateway',
    egresses: 'Egress',
    Workloads: 'Workload',
    FLOATINGIPS: 'FloatingIp',
  }
  for (const [word, kind] of Object.entries(words)) t.is(kindNamed(word), kind as (typeof kindNames)[number])
  for (const kind of kindNames) t.is(kindNamed(kind.toLowerCase()), kind)
})

test('other words mean none', (t) => {
  for (const word of ['policys', 'egresss', 'egres', 'pod', '']) t.is(kindNamed(word), undefined)
})
