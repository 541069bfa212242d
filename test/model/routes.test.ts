/** Whom the `via` of a route means. */
import test from 'ava'
import { Model } from '../../src/model/model.js'
import { routesVia, viaOf, viasOf, workloadsOf } from '../../src/model/routes.js'
import type { Change } from '../../src/model/rows.js'
import { network, put, route, tenant, workload } from '../support/rows.js'

const ground: readonly Change[] = [
  put('tenant', tenant('a', 1)),
  put('tenant', tenant('b', 2)),
  put('network', network('a/lan', 1)),
  put('network', network('a/cell', 2, { routed: false })),
  put('network', network('a/wire', 3, { vlan: { bridge: 'br-phy', tag: 5 } })),
  put('workload', workload('a/one', 'a/lan', 2)),
  put('workload', workload('a/two', 'a/lan', 3)),
  put('workload', workload('a/shut', 'a/cell', 4, { addresses: ['192.168.2.4'] })),
  put('workload', workload('b/one', 'a/lan', 5, { addresses: ['192.168.1.5'] })),
]
const modelWith = (...changes: readonly Change[]) => {
  const model = new Model()
  model.commit([...ground, ...changes])
  return model
}
const found = (model: Model, via: string) => {
  const result = viaOf('a', via, model)
  return result && [result.workload?.id, result.network.id, result.mac]
}
const virtual = { ip: '192.168.1.77', mac: '0a:00:00:00:00:77' }

test('a workload of the tenant in a routed network, by name or by address', (t) => {
  const model = modelWith()
  const one = ['a/one', 'a/lan', '0a:00:00:00:00:02']
  t.deepEqual(found(model, 'a/one'), one)
  t.deepEqual(found(model, '192.168.1.2'), one)
  for (const via of ['a/gone', 'a/shut', 'b/one', '192.168.1.99', '192.168.2.4', '10.0.0.1'])
    t.is(found(model, via), undefined, via)
})

test('the only one that may use an address, with the MAC that goes with it', (t) => {
  const model = modelWith(put('workload', workload('a/two', 'a/lan', 3, { allowed: [virtual] })))
  t.deepEqual(found(model, virtual.ip), ['a/two', 'a/lan', virtual.mac])
})

test('the only one that may use the smallest block that an address is in', (t) => {
  const allowed = [{ ip: '192.168.1.64/26', mac: '0a:00:00:00:00:03' }]
  const wider = [{ ip: '192.168.1.0/24', mac: '0a:00:00:00:00:02' }]
  const model = modelWith(
    put('workload', workload('a/one', 'a/lan', 2, { allowed: wider })),
    put('workload', workload('a/two', 'a/lan', 3, { allowed })),
    put('route', route('a/r', 9, '10.50.0.0/16', { via: ['192.168.1.70'] })),
  )
  const via = (of: string) => {
    const row = model.get('workload', of)
    return row ? routesVia(row, model).map(({ id }) => id) : []
  }
  t.deepEqual(found(model, '192.168.1.70'), ['a/two', 'a/lan', '0a:00:00:00:00:03'])
  t.deepEqual(found(model, '192.168.1.9'), ['a/one', 'a/lan', '0a:00:00:00:00:02'])
  t.deepEqual(found(model, '192.168.1.3'), ['a/two', 'a/lan', '0a:00:00:00:00:03'], 'its own comes first')
  t.deepEqual([via('a/one'), via('a/two')], [[], ['a/r']])
  model.commit([put('workload', workload('a/one', 'a/lan', 2, { allowed }))])
  t.is(found(model, '192.168.1.70'), undefined, 'two may, and neither has told')
  model.commit([
    put('station', {
      ...{ id: 'a/lan/192.168.1.70', network: 'a/lan', address: '192.168.1.70' },
      mac: '0a:00:00:00:00:03',
    }),
  ])
  t.deepEqual(found(model, '192.168.1.70')?.[2], '0a:00:00:00:00:03')
})

test('of several that may use an address, whoever has told', (t) => {
  const model = modelWith(
    put(
      'workload',
      workload('a/one', 'a/lan', 2, { allowed: [{ ip: virtual.ip, mac: '0a:00:00:00:00:02' }] }),
    ),
    put(
      'workload',
      workload('a/two', 'a/lan', 3, { allowed: [{ ip: virtual.ip, mac: '0a:00:00:00:00:03' }] }),
    ),
  )
  t.is(found(model, virtual.ip), undefined)
  const id = `a/lan/${virtual.ip}`
  for (const [name, mac] of [
    ['a/two', '0a:00:00:00:00:03'],
    ['a/one', '0a:00:00:00:00:02'],
  ] as const) {
    model.commit([put('station', { id, network: 'a/lan', address: virtual.ip, mac })])
    t.deepEqual(found(model, virtual.ip), [name, 'a/lan', mac])
  }
})

test('a physical station of a VLAN, once it has told', (t) => {
  const model = modelWith()
  t.is(found(model, '192.168.3.9'), undefined)
  const mac = '0a:00:00:00:00:99'
  const row = { id: 'a/wire/192.168.3.9', network: 'a/wire', address: '192.168.3.9', mac }
  model.commit([put('station', row)])
  t.deepEqual(found(model, '192.168.3.9'), [undefined, 'a/wire', mac])
  const by = route('a/r', 9, '10.50.0.0/16', { via: ['192.168.3.9', 'a/one', '192.168.1.2'] })
  t.deepEqual(
    viasOf(by, model).map((via) => via.mac),
    [mac, '0a:00:00:00:00:02'],
    'each once',
  )
  t.deepEqual(
    workloadsOf(by, model).map((via) => via.workload.id),
    ['a/one'],
  )
})

test('the routes that lead by a workload, however they name it', (t) => {
  const model = modelWith(
    put('workload', workload('a/two', 'a/lan', 3, { allowed: [virtual] })),
    put('route', route('a/r1', 11, '10.1.0.0/16', { via: ['a/two'] })),
    put('route', route('a/r2', 12, '10.2.0.0/16', { via: ['a/one', '192.168.1.3'] })),
    put('route', route('a/r3', 13, '10.3.0.0/16', { via: [virtual.ip] })),
    put('route', route('a/r4', 14, '10.4.0.0/16', { via: ['a/one'] })),
    put('route', route('b/r', 15, '10.5.0.0/16', { via: ['192.168.1.3'] })),
  )
  const two = model.get('workload', 'a/two')
  t.deepEqual(two && routesVia(two, model).map(({ id }) => id), ['a/r1', 'a/r2', 'a/r3'])
})
