import test from 'ava'
import type { HostPort } from '../../src/attach/database.js'
import { portName } from '../../src/attach/index.js'
import { keys } from '../../src/attach/keys.js'
import { answerOf, planPort, portsOf } from '../../src/attach/ports.js'
import { id } from '../support/fake-replica.js'

let last = 0
const port = (name: string, bridge: string, ids: Readonly<Record<string, string>>): HostPort => ({
  uuid: id(++last),
  bridge: { _uuid: id(++last), name: bridge, ports: new Set(), datapath_type: '' },
  interface: {
    _uuid: id(++last),
    name,
    type: '',
    ofport: 1,
    error: undefined,
    external_ids: new Map(Object.entries(ids)),
  },
})
const iface = 'usr1/a'
const name = portName(iface)
const attachment = {
  interface: iface,
  bridge: 'br-int',
  plug: { kind: 'veth', netns: '/run/netns/blue', device: 'eth0' },
} as const
const ours = { [keys.iface]: iface, [keys.attached]: 'veth' }

test('a port of ours is known by its mark, or by the name that only attach gives', (t) => {
  const marked = port('tap0', 'br-int', { ...ours, [keys.attached]: 'tap' })
  const named = port(name, 'br-int', { [keys.iface]: iface })
  const others = [
    port('veth9', 'br-int', { [keys.iface]: iface }),
    port('other', 'br-int', { [keys.iface]: 'usr1/b', [keys.attached]: 'veth' }),
  ]
  t.deepEqual(portsOf([marked, named, ...others], iface), [marked, named])
})

test('the own port stays, others of the workload are stale', (t) => {
  const own = port(name, 'br-int', ours)
  t.deepEqual(planPort([own], attachment), { own, stale: [] })
  const elsewhere = port(name, 'br-other', ours)
  const tap = port('tap0', 'br-int', { ...ours, [keys.attached]: 'tap' })
  t.deepEqual(planPort([elsewhere, tap], attachment), { stale: [elsewhere, tap] })
  t.deepEqual(planPort([port('eth1', 'br-ex', {})], attachment), { stale: [] })
})

test('a name or an iface-id that is somebody else’s is left alone', (t) => {
  const taken = { code: 'name-taken' }
  t.throws(() => planPort([port(name, 'br-ex', {})], attachment), { ...taken, message: /is there already/ })
  t.throws(() => planPort([port('vnet0', 'br-int', { [keys.iface]: iface })], attachment), {
    ...taken,
    message: /port vnet0 of bridge br-int is usr1\/a/,
  })
})

test('a question is no answer', (t) => {
  t.is(answerOf(port(name, 'br-int', { ...ours, [keys.facts]: '?' })), undefined)
  t.is(answerOf(port(name, 'br-int', ours)), undefined)
  t.is(answerOf(port(name, 'br-int', { ...ours, [keys.facts]: 'none' })), 'none')
})
