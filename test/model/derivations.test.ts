import test from 'ava'
import { Model } from '../../src/model/model.js'
import { objectOf, partOf } from '../../src/model/objects.js'
import { addressGroup, policy, rules } from '../support/policies.js'
import { put, tenant } from '../support/rows.js'

test('each rule of a policy is a row, and changes by itself', (t) => {
  const model = new Model()
  const one = policy('a/web', 3, {
    ingress: rules(10, {}, { action: 'deny' }),
    egress: rules(4, { log: true }),
  })
  model.commit([put('policy', one)])
  t.deepEqual([...model.rows('rule')].map(({ id }) => id).sort(), [
    'a/web#egress/0',
    'a/web#ingress/0',
    'a/web#ingress/1',
  ])
  t.like(model.get('rule', 'a/web#ingress/1'), {
    policy: 'a/web',
    tenant: 'a',
    tier: 'tenant',
    number: 3,
    direction: 'ingress',
    index: 1,
    position: 11,
    action: 'deny',
  })
  t.is(objectOf('rule', 'a/web#ingress/1'), 'policy/a/web')
  t.deepEqual(partOf('rule', 'a/web#ingress/1'), ['ingress', 1])
  t.deepEqual(partOf('policy', 'a/web'), [])
  const more = { ...one, ingress: rules(10, {}, { action: 'reject' }) }
  t.deepEqual(
    model.commit([put('policy', more)]).changes.map(({ id }) => id),
    ['a/web', 'a/web#ingress/1'],
  )
  model.commit([{ table: 'policy', id: 'a/web' }])
  t.deepEqual([...model.rows('rule')], [])
})

test('a block belongs to every group that names it or a block around it, within its domain', (t) => {
  const model = new Model()
  model.commit([
    put('cluster', { id: 'cluster', name: 'test', encapsulation: 'geneve' }),
    put('tenant', tenant('cluster', 1)),
    put('addressGroup', addressGroup('wide', ['10.0.0.0/8', '2001:db8::/32'])),
    put('addressGroup', addressGroup('narrow', ['10.1.2.3/32', '2001:db8::1/128', '192.0.2.1/32'])),
    put('addressGroup', addressGroup('cluster/own', ['10.1.2.3/32'])),
  ])
  const groups = Object.fromEntries([...model.rows('prefix')].map((row) => [row.id, row.groups]))
  t.deepEqual(groups, {
    '#10.0.0.0/8': ['wide'],
    '#2001:db8::/32': ['wide'],
    '#10.1.2.3/32': ['narrow', 'wide'],
    '#2001:db8::1/128': ['narrow', 'wide'],
    '#192.0.2.1/32': ['narrow'],
    'cluster#10.1.2.3/32': ['cluster/own'],
  })
  t.is(model.get('prefix', '#10.1.2.3/32')?.class, model.get('prefix', '#2001:db8::1/128')?.class)
  t.not(model.get('prefix', '#10.1.2.3/32')?.class, model.get('prefix', '#10.0.0.0/8')?.class)
  const { changes } = model.commit([put('addressGroup', addressGroup('wide', ['2001:db8::/32']))])
  t.deepEqual(changes.map(({ id }) => id).sort(), ['#10.0.0.0/8', '#10.1.2.3/32', 'wide'])
})
