import test from 'ava'
import { commonEgresses } from '../../src/model/outside.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { egress, put, workload } from '../support/rows.js'

const second = (id: string, translation: number, address?: string) =>
  egress(id, translation, { select: { role: 'web' }, ...(address === undefined ? {} : { address }) })

test('of egresses alike each IP version has the one with an address of its own', (t) => {
  const web = workload('b/web', 'b/lan', 60, {
    addresses: ['192.168.2.60', '2001:db8:2::60'],
    labels: { role: 'web' },
  })
  const { model } = new Cluster().commit(...twoTenants, put('workload', web))
  const ways = () =>
    ([4, 6] as const).map((version) =>
      model.by('exitsByWorkload', `b/web#${version}`).map(({ translation }) => translation),
    )
  t.deepEqual(ways(), [[], []])
  model.commit([put('egress', second('b/one', 41, '203.0.113.80'))])
  t.deepEqual(ways(), [[41], [41]], 'the other version has the address of the gateway')
  model.commit([put('egress', second('b/two', 42, '2001:db8:f::80'))])
  t.deepEqual(ways(), [[41], [42]])
  model.commit([put('egress', second('b/zero', 43))])
  t.deepEqual(ways(), [[41], [42]], 'by name')
  model.commit([{ table: 'egress', id: 'b/two' }])
  t.deepEqual(ways(), [[41], [43]], 'the gateway itself comes before an address of the other version')
})

test('likewise of egresses for all of a tenant', (t) => {
  const { model } = new Cluster().commit(
    ...twoTenants,
    put('egress', egress('b/internet', 2, { address: '203.0.113.80' })),
    put('egress', egress('b/six', 44, { address: '2001:db8:f::80' })),
  )
  t.deepEqual(
    ([4, 6] as const).map((version) => commonEgresses('b', version, model).map(({ id }) => id)),
    [['b/internet'], ['b/six']],
  )
})
