/** What networks hand out: the field `dhcp`, and which workload gets which address. */
import test from 'ava'
import { checkDirectory } from '../../src/policy/index.js'
import { MemoryStore } from '../../src/store/store.js'
import { documents, errorsOf, Model, network, open, scratch, tenant, workload, write } from './support.js'

const inner = (more: string) => network('t', 'lan', '10.0.1.0/24', `gateway: 10.0.1.254\n${more}`)

/** The rows of a directory with these documents. */
async function rowsOf(directory: string, text: string, store = new MemoryStore()) {
  write(directory, { 'a.yaml': text })
  const policy = open(directory, { store })
  const update = await policy.load()
  const model = new Model()
  model.apply(update.changes)
  return { rows: model.rows, errors: errorsOf(directory, update), policy, model }
}

const dhcp = test.macro(async (t, more: string, expected: object | undefined) => {
  const { rows, errors } = await rowsOf(scratch(t), documents(tenant('t'), inner(more)))
  t.deepEqual(errors, [])
  const row = rows.get('network/t/lan')
  t.deepEqual(row && 'dhcp' in row ? row.dhcp : undefined, expected)
})

const defaults = { dns: ['10.0.1.254'], domain: 'lan.t.internal', lease: 86_400 }
const range = { range: ['10.0.1.100-10.0.1.120'] }

test('without the field nothing is handed out', dhcp, '', undefined)
test('false is nothing', dhcp, 'dhcp: false\n', undefined)
test('true is everything by default', dhcp, 'dhcp: true\n', defaults)
test('so is an empty map', dhcp, 'dhcp: {}\n', defaults)
test('a range in one text', dhcp, 'dhcp: {range: 10.0.1.100-10.0.1.120}\n', { ...range, ...defaults })
test('with spaces', dhcp, 'dhcp: {range: 10.0.1.100 - 10.0.1.120}\n', { ...range, ...defaults })
test('as a list of its ends', dhcp, 'dhcp: {range: [10.0.1.100, 10.0.1.120]}\n', { ...range, ...defaults })
test(
  'one range for each IP version',
  dhcp,
  'subnet6: fd00::/64\ndhcp: {range: [10.0.1.100-10.0.1.120, "fd00::0a-fd00::ff"]}\n',
  {
    range: ['10.0.1.100-10.0.1.120', 'fd00::a-fd00::ff'],
    ...defaults,
    dns: ['10.0.1.254', 'fd00::1'],
  },
)
test('no server, where the router is none', dhcp, 'routed: false\ndhcp: true\n', { ...defaults, dns: [] })
test('no server, where the file wants none', dhcp, 'dhcp: {dns: []}\n', { ...defaults, dns: [] })
test('everything said', dhcp, 'dhcp: {dns: 10.0.1.53, domain: Lab.Example.org., lease: 12h}\n', {
  dns: ['10.0.1.53'],
  domain: 'lab.example.org',
  lease: 43_200,
})
test('seconds, and several servers', dhcp, 'dhcp: {dns: [10.0.1.53, "FD00::53"], lease: 600}\n', {
  ...defaults,
  dns: ['10.0.1.53', 'fd00::53'],
  lease: 600,
})

test('every error at its place, in words', (t) => {
  const errorsFor = (more: string) => {
    const directory = scratch(t)
    write(directory, { 'a.yaml': documents(tenant('t'), network('t', 'lan', '10.0.1.0/24', more)) })
    return errorsOf(directory, { errors: checkDirectory(directory) })
  }
  t.deepEqual(errorsFor('dhcp: please\n'), [
    'a.yaml:8:7: error: dhcp please: expected true or false, found text [wrong-type]',
  ])
  t.deepEqual(errorsFor('dhcp: {rnage: 10.0.1.100-10.0.1.120}\n'), [
    'a.yaml:8:8: error: dhcp has no field rnage, did you mean range? [unknown-field]',
  ])
  t.deepEqual(errorsFor('dhcp: {range: 10.0.1.100}\n'), [
    'a.yaml:8:15: error: dhcp.range 10.0.1.100 is not a range: expected FIRST-LAST such as 10.0.1.100-10.0.1.120 [bad-range]',
  ])
  t.deepEqual(errorsFor('dhcp: {range: [10.0.1.120, 10.0.1.100]}\n'), [
    'a.yaml:8:15: error: dhcp.range ["10.0.1.120","10.0.1.100"] ends below its first address [bad-range]',
  ])
  t.deepEqual(errorsFor('dhcp: {range: [10.0.1.2-10.0.1.3, 10.0.1.8-10.0.1.9]}\n'), [
    'a.yaml:8:35: error: dhcp.range 10.0.1.8-10.0.1.9 is a second range of its IP version [bad-range]',
  ])
  t.deepEqual(errorsFor('dhcp: {range: 10.0.2.100-10.0.2.120}\n'), [
    'a.yaml:8:15: error: dhcp.range 10.0.2.100-10.0.2.120 has addresses that no station of subnet 10.0.1.0/24 can have [address-outside-subnet]',
  ])
  t.deepEqual(errorsFor('dhcp: {range: 10.0.1.1-10.0.1.9}\n'), [
    'a.yaml:8:15: error: dhcp.range 10.0.1.1-10.0.1.9 has the gateway 10.0.1.1 in it [duplicate-address]',
  ])
  t.deepEqual(errorsFor('dhcp: {range: "fd00::1-fd00::9"}\n'), [
    'a.yaml:8:15: error: dhcp.range fd00::1-fd00::9 has no subnet6 beside it [missing-subnet]',
  ])
  t.deepEqual(errorsFor('dhcp: {dns: [10.0.1.256], domain: a_b, lease: soon}\n'), [
    'a.yaml:8:14: error: dhcp.dns 10.0.1.256 is not an IP address of a station [bad-address]',
    'a.yaml:8:35: error: dhcp.domain a_b is not a domain name such as lan.example.org [bad-name]',
    'a.yaml:8:47: error: dhcp.lease soon is not a time: expected seconds, or a number with s, m, h, d or w [bad-value]',
  ])
  t.deepEqual(errorsFor('dhcp: {lease: 5}\n'), [
    'a.yaml:8:15: error: dhcp.lease 5 is not between 10 seconds and 10 years [out-of-range]',
  ])
})

const addressesOf = (rows: ReadonlyMap<string, object>) =>
  [...rows].flatMap(([id, row]) =>
    'addresses' in row && id.startsWith('workload/') ? [[id, row.addresses]] : [],
  )

test('workloads without ip get addresses of the range, those with ip have theirs', async (t) => {
  const directory = scratch(t)
  const text = documents(
    tenant('t'),
    inner('dhcp: {range: 10.0.1.100-10.0.1.102}\n'),
    workload('t', 'a'),
    workload('t', 'b', 'ip: 10.0.1.101\n'),
    workload('t', 'c', 'ip: 10.0.1.7\n'),
    workload('t', 'd'),
  )
  const store = new MemoryStore()
  const first = await rowsOf(directory, text, store)
  t.deepEqual(first.errors, [])
  const expected = [
    ['workload/t/a', ['10.0.1.100']],
    ['workload/t/b', ['10.0.1.101']],
    ['workload/t/c', ['10.0.1.7']],
    ['workload/t/d', ['10.0.1.102']],
  ]
  t.deepEqual(addressesOf(first.rows), expected)
  // Another life of the controller, which knows the numbers of the first.
  t.deepEqual(addressesOf((await rowsOf(directory, text, store)).rows), expected)
})

test('another range moves those that are outside of it, and no others', async (t) => {
  const directory = scratch(t)
  const text = (range: string) =>
    documents(tenant('t'), inner(`dhcp: {range: ${range}}\n`), workload('t', 'a'), workload('t', 'b'))
  const { policy, model } = await rowsOf(directory, text('10.0.1.100-10.0.1.102'))
  write(directory, { 'a.yaml': text('10.0.1.101-10.0.1.103') })
  model.apply((await policy.reread()).changes)
  t.deepEqual(addressesOf(model.rows), [
    ['workload/t/a', ['10.0.1.102']],
    ['workload/t/b', ['10.0.1.101']],
  ])
})

test('a range that is too small is an error at the workload that gets nothing, without a controller too', async (t) => {
  const directory = scratch(t)
  const text = documents(
    tenant('t'),
    inner('dhcp: {range: 10.0.1.100-10.0.1.101}\n'),
    workload('t', 'a'),
    workload('t', 'b'),
    workload('t', 'c'),
  )
  const { errors } = await rowsOf(directory, text)
  const expected = [
    'a.yaml:24:10: error: no address is left in 10.0.1.100-10.0.1.101 of network t/lan [pool-exhausted]',
  ]
  t.deepEqual(errors, expected)
  t.deepEqual(errorsOf(directory, { errors: checkDirectory(directory) }), expected)
})
