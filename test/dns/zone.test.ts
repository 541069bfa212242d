import test from 'ava'
import { readQuery } from '../../src/dns/message.js'
import { answer } from '../../src/dns/zone.js'
import { domainNameBytes } from '../../src/frames/domain-name.js'
import { Malformed } from '../../src/frames/malformed.js'
import { Cluster } from '../support/cluster.js'
import { network, put, tenant, workload } from '../support/rows.js'

const { model } = new Cluster().commit(
  put('tenant', tenant('a', 1)),
  put('tenant', tenant('b', 2)),
  put('network', network('a/lan', 1, { subnet6: '2001:db8:1::/64' })),
  put('network', network('a/net.two', 2)),
  put('network', network('b/lan', 1)),
  put('workload', workload('a/web', 'a/lan', 2, { addresses: ['192.168.1.2', '2001:db8:1::a2'] })),
  put('workload', workload('a/db.old', 'a/net.two', 3, { addresses: ['192.168.2.3'] })),
  put('workload', workload('b/web', 'b/lan', 4, { addresses: ['192.168.1.2'] })),
)
const ofA = { model, networks: model.by('networksByTenant', 'a') }
const ofB = { model, networks: model.by('networksByTenant', 'b') }

const types = { A: 1, NS: 2, PTR: 12, MX: 15, AAAA: 28, ANY: 255 } as const

/** Code and data of the records of an answer. */
function ask(
  name: string,
  type: keyof typeof types,
  view = ofA,
  more = '0001',
): readonly (number | string)[] {
  const header = Buffer.from(`000101000001${'0000'.repeat(3)}`, 'hex')
  const rest = Buffer.from(types[type].toString(16).padStart(4, '0') + more, 'hex')
  const message = Buffer.concat([header, domainNameBytes(name), rest])
  if (more.length > 4) message.writeUInt16BE(1, 10)
  const query = readQuery(message)
  if (!query || query instanceof Malformed) throw new Error(`no query for ${name}`)
  const { code, records } = answer(query, view)
  return [code, ...records.map(({ data }) => data.toString('hex'))]
}

const v4 = 'c0a80102'
const v6 = '20010db80001000000000000000000a2'

test('addresses of a name, whatever its letters', (t) => {
  t.deepEqual(ask('web.lan.a.internal', 'A'), [0, v4])
  t.deepEqual(ask('WEB.Lan.a.INTERNAL', 'AAAA'), [0, v6])
  t.deepEqual(ask('web.lan.a.internal', 'ANY'), [0, v4, v6])
  t.deepEqual(ask('db.old.net.two.a.internal', 'A'), [0, 'c0a80203'])
})

test('a name that has none of what is asked for, or only names below it, is there', (t) => {
  for (const name of ['web.lan.a.internal', 'lan.a.internal', 'net.two.a.internal', 'a.internal', 'internal'])
    t.deepEqual(ask(name, 'MX'), [0], name)
  t.deepEqual(ask('db.old.net.two.a.internal', 'AAAA'), [0])
})

test('a name that does not exist, or is of a tenant that is no peer, does not exist', (t) => {
  for (const name of [
    ...['mail.lan.a.internal', 'web.net.two.a.internal', 'x.web.lan.a.internal', 'web.a.internal'],
    ...['web.lan.b.internal', 'lan.b.internal', 'b.internal', 'xinternal.internal'],
  ])
    t.deepEqual(ask(name, 'A'), [3], name)
  t.deepEqual(ask('web.lan.b.internal', 'A', ofB), [0, v4])
  t.deepEqual(ask('web.lan.b.internal', 'A', { model, networks: [...ofA.networks, ...ofB.networks] }), [
    0,
    v4,
  ])
})

test('names of addresses', (t) => {
  const name = domainNameBytes('web.lan.a.internal').toString('hex')
  const reverse6 = `2.a.${'0.'.repeat(18)}1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa`
  t.deepEqual(ask('2.1.168.192.in-addr.arpa', 'PTR'), [0, name])
  t.deepEqual(ask(reverse6.toUpperCase(), 'PTR'), [0, name])
  t.deepEqual(ask('2.1.168.192.in-addr.arpa', 'PTR', ofB), [
    0,
    domainNameBytes('web.lan.b.internal').toString('hex'),
  ])
  t.deepEqual(ask('2.1.168.192.in-addr.arpa', 'A'), [0])
  t.deepEqual(ask('9.1.168.192.in-addr.arpa', 'PTR'), [3])
  // A holder's network must be one that may be seen.
  t.deepEqual(ask('3.2.168.192.in-addr.arpa', 'PTR', ofB), [5])
})

test('what is not of the cluster is refused', (t) => {
  for (const name of [
    ...['example.org', 'xinternal', '', 'arpa', '1.168.192.in-addr.arpa', '999.1.168.192.in-addr.arpa'],
    ...['1.1.1.1.in-addr.arpa', '1.0.ip6.arpa'],
  ])
    t.deepEqual(ask(name, 'A'), [5], name)
  // Class CHAOS, and a version of EDNS that does not exist yet.
  t.deepEqual(ask('web.lan.a.internal', 'A', ofA, '0003'), [5])
  t.deepEqual(ask('web.lan.a.internal', 'A', ofA, '0001' + '000029100000010000' + '0000'), [16])
})
