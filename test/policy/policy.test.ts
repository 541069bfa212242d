import test from 'ava'
import type { PolicyRow } from '../../src/model/rows.js'
import { checkDirectory } from '../../src/policy/index.js'
import { documents, errorsOf, Model, network, open, scratch, tenant, write } from './support.js'

const ground = documents(tenant('usr1'), tenant('usr2'), network('usr1', 'lan', '10.0.0.0/24'))

const group = (name: string, addresses: string, owner = '') =>
  `kind: AddressGroup\n${owner}name: ${name}\naddresses: ${addresses}\n`

/** Rows that the documents make beside the ground. */
async function rowsOf(...texts: readonly string[]): Promise<Model> {
  const model = new Model()
  const { changes, errors } = await open('p', { allowEmpty: true }).apply(
    new Map([['p/a.yaml', documents(ground, ...texts)]]),
  )
  if (errors.length > 0) throw new Error(errors.map(String).join('\n'))
  model.apply(changes)
  return model
}

test('the example of the language page', async (t) => {
  const model = await rowsOf(
    network('usr2', 'lan', '10.1.0.0/24'),
    group('office', '[192.0.2.1]', 'tenant: usr1\n'),
    `kind: Policy
tenant: usr1
name: web
tier: tenant
select: {role: web}
ingress:
  - from:
      - select: {role: client}
      - tenant: usr2
        select: {}
      - network: lan
      - cidr: 0.0.0.0/0
        except: [10.0.0.0/8]
      - group: office
    ports: [tcp/80, tcp/8000-8100, udp/53, icmp, icmp/8, icmp6, sctp/5000]
    action: allow
    log: true
egress:
  - to: [network: usr2/lan]
    ports: [udp]
established: keep
`,
  )
  t.deepEqual(model.rows.get('policy/usr1/web'), {
    id: 'usr1/web',
    tenant: 'usr1',
    tier: 'tenant',
    number: 1,
    select: { role: 'web' },
    ingress: [
      {
        index: 0,
        position: 8191,
        peers: [
          { kind: 'workloads', select: { role: 'client' } },
          { kind: 'workloads', tenant: 'usr2', select: {} },
          { kind: 'network', network: 'usr1/lan' },
          { kind: 'cidr', cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] },
          { kind: 'group', group: 'usr1/office' },
        ],
        ports: [
          { protocol: 'tcp', range: [80, 80] },
          { protocol: 'tcp', range: [8000, 8100] },
          { protocol: 'udp', range: [53, 53] },
          { protocol: 'icmp' },
          { protocol: 'icmp', range: [8, 8] },
          { protocol: 'icmp6' },
          { protocol: 'sctp', range: [5000, 5000] },
        ],
        action: 'allow',
        log: true,
      },
    ],
    egress: [
      {
        index: 0,
        position: 8191,
        peers: [{ kind: 'network', network: 'usr2/lan' }],
        ports: [{ protocol: 'udp' }],
        action: 'allow',
        log: false,
      },
    ],
    established: 'keep',
  })
})

test('defaults, every form of a selector, and what is left out', async (t) => {
  const model = await rowsOf(
    `kind: Policy
name: all
tier: admin
select: {a: b, c: {in: [d, e]}, f: {notIn: [g]}, h: exists, i: absent}
egress: []
`,
  )
  t.deepEqual(model.rows.get('policy/all'), {
    id: 'all',
    tier: 'admin',
    number: 1,
    select: { a: 'b', c: { in: ['d', 'e'] }, f: { notIn: ['g'] }, h: 'exists', i: 'absent' },
    egress: [],
    established: 'recheck',
  })
})

test('addresses of a group are canonical, sorted, each once', async (t) => {
  const model = await rowsOf(group('g', '[10.0.0.2, 10.0.0.2/32, "2001:DB8:0::/32", 10.0.0.0/8, "::1"]'))
  t.deepEqual(model.rows.get('addressGroup/g'), {
    id: 'g',
    addresses: ['10.0.0.0/8', '10.0.0.2/32', '2001:db8::/32', '::1/128'],
  })
})

test("a group's name means the tenant's own, or else the whole cluster's, as they come and go", async (t) => {
  const directory = open('p', { allowEmpty: true })
  const model = new Model()
  const meant = async (file: string, text: string | undefined) => {
    const { changes, errors } = await directory.apply(new Map([[`p/${file}`, text]]))
    t.deepEqual(errors, [])
    model.apply(changes)
    const row = model.rows.get('policy/usr1/p') as PolicyRow | undefined
    return row?.ingress?.[0]?.peers
  }
  const policy = 'kind: Policy\ntenant: usr1\nname: p\nselect: {}\ningress: [{from: [{group: g}]}]\n'
  t.deepEqual(await meant('a.yaml', documents(ground, group('g', '[10.0.0.1]'), policy)), [
    { kind: 'group', group: 'g' },
  ])
  t.deepEqual(await meant('b.yaml', group('g', '[10.0.0.2]', 'tenant: usr1\n')), [
    { kind: 'group', group: 'usr1/g' },
  ])
  t.deepEqual(await meant('b.yaml', undefined), [{ kind: 'group', group: 'g' }])
})

test('a policy that selects labels which nobody has is right', async (t) => {
  const model = await rowsOf('kind: Policy\ntenant: usr1\nname: p\nselect: {no: body}\n')
  t.true(model.rows.has('policy/usr1/p'))
})

test('the place of a policy and of each of its rules', async (t) => {
  const directory = open('p', { allowEmpty: true })
  const text = `${ground}---
kind: Policy
tenant: usr1
name: p
select: {}
ingress:
  - ports: [tcp/80]

  - ports: [tcp/81]
    log: true
egress: [{}, {ports: [udp]}]
`
  await directory.apply(new Map([['p/a.yaml', text]]))
  const place = (...part: readonly (string | number)[]) => {
    const found = directory.origin('policy/usr1/p', part)
    return found && `${found.file}:${found.line}:${found.column}`
  }
  t.is(place(), 'p/a.yaml:12:1')
  t.is(place('ingress', 0), 'p/a.yaml:17:5')
  t.is(place('ingress', 1), 'p/a.yaml:19:5')
  t.is(place('egress', 1), 'p/a.yaml:21:14')
  t.is(place('egress', 2), undefined)
})

/** Errors of a policy of usr1 whose lines from the fifth on are these, below `select`. */
const wrong = test.macro((t, lines: string, expected: readonly string[]) => {
  const directory = scratch(t)
  write(directory, {
    'g.yaml': ground,
    'a.yaml': `kind: Policy\ntenant: usr1\nname: p\nselect: {}\n${lines}\n`,
  })
  t.deepEqual(
    errorsOf(directory, { errors: checkDirectory(directory) }).map((error) => error.replace('a.yaml:', '')),
    expected,
  )
})

const ports = (text: string) => `ingress: [{ports: [${text}]}]`

test('port: number alone', wrong, ports('80'), [
  '5:20: error: ingress.ports 80 needs its protocol: expected PROTOCOL/PORT such as tcp/80 [bad-port]',
])
test('port: no such protocol', wrong, ports('tpc/8'), [
  '5:20: error: ingress.ports tpc/8 has no protocol that is known: expected tcp, udp, sctp, icmp, icmp6, did you mean tcp? [bad-port]',
])
test('port: too large', wrong, ports('udp/1, tcp/65536'), [
  '5:27: error: ingress.ports tcp/65536 has a port above 65535 [bad-port]',
])
test('port: the wrong way round', wrong, ports('tcp/90-80'), [
  '5:20: error: ingress.ports tcp/90-80 ends below its first port 90 [bad-port]',
])
test('port: not a number', wrong, ports('tcp/http'), [
  '5:20: error: ingress.ports tcp/http is not of the form tcp, tcp/PORT or tcp/FIRST-LAST [bad-port]',
])
test('port: leading zero', wrong, ports('tcp/080'), [
  '5:20: error: ingress.ports tcp/080 is not of the form tcp, tcp/PORT or tcp/FIRST-LAST [bad-port]',
])
test('port: types have no ranges', wrong, ports('icmp/3-4'), [
  '5:20: error: ingress.ports icmp/3-4 is not of the form icmp, icmp/TYPE [bad-port]',
])
test('port: type too large', wrong, ports('icmp6/256'), [
  '5:20: error: ingress.ports icmp6/256 has a type above 255 [bad-port]',
])

const select = (text: string) => `ingress: [{from: [{select: {a: ${text}}}]}]`
const forms = 'a value, exists, absent, {in: [...]} or {notIn: [...]}'

test('selector: a list', wrong, select('[b]'), [
  `5:32: error: ingress.from.select.a ["b"] is not a condition: expected ${forms}, did you mean {in: [...]}? [bad-selector]`,
])
test('selector: a number', wrong, select('5'), [
  '5:32: error: ingress.from.select.a 5 is not a condition: expected text; put it in quotes [bad-selector]',
])
test('selector: another map', wrong, select('{eq: b}'), [
  `5:32: error: ingress.from.select.a {"eq":"b"} is not a condition: expected ${forms} [bad-selector]`,
])
test('selector: two forms at once', wrong, select('{in: [b], notIn: [c]}'), [
  `5:32: error: ingress.from.select.a {"in":["b"],"notIn":["c"]} is not a condition: expected ${forms} [bad-selector]`,
])
test('selector: in without list', wrong, select('{in: b}'), [
  '5:37: error: ingress.from.select.a.in b is not a list of values, at least one [bad-selector]',
])
test('selector: empty list', wrong, select('{notIn: []}'), [
  '5:40: error: ingress.from.select.a.notIn [] is not a list of values, at least one [bad-selector]',
])
test('selector: a value that is no text', wrong, select('{in: [b, true]}'), [
  '5:41: error: ingress.from.select.a.in true is not a value: expected text; put it in quotes [bad-selector]',
])

const from = (text: string) => `ingress: [{from: [${text}]}]`

test('peer: nothing', wrong, from('{}'), [
  '5:19: error: a peer says nothing: expected one of select, network, cidr, group [bad-peer]',
])
test('peer: two things', wrong, from('{select: {}, cidr: 10.0.0.0/8}'), [
  '5:38: error: a peer has select and cidr: expected one of them; write two peers [bad-peer]',
])
test('peer: tenant alone', wrong, from('{tenant: usr2}'), [
  '5:28: error: tenant usr2 has no select beside it: select: {} is every workload [bad-peer]',
])
test('peer: except alone', wrong, from('{except: [10.0.0.0/8]}'), [
  '5:28: error: except has no cidr beside it that it takes blocks from [bad-peer]',
])
test('peer: except outside', wrong, from('{cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/8, "::/0"]}'), [
  '5:60: error: except 11.0.0.0/8 is not in cidr 10.0.0.0/8 [except-outside-cidr]',
  '5:72: error: except ::/0 is not in cidr 10.0.0.0/8 [except-outside-cidr]',
])
test('peer: no CIDR block', wrong, from('{cidr: 10.0.0.1}, {cidr: 10.0.0.1/8}, {cidr: ten}'), [
  '5:26: error: ingress.from.cidr 10.0.0.1 is not a CIDR block [bad-cidr]',
  '5:44: error: ingress.from.cidr 10.0.0.1/8 is not a CIDR block: it has host bits, did you mean 10.0.0.0/8? [bad-cidr]',
  '5:64: error: ingress.from.cidr ten is not a CIDR block [bad-cidr]',
])
test('peer: unknown field', wrong, from('{cdir: 10.0.0.0/8}'), [
  '5:19: error: a peer says nothing: expected one of select, network, cidr, group [bad-peer]',
  '5:20: error: ingress.from has no field cdir, did you mean cidr? [unknown-field]',
])
test(
  'peer: references that lead nowhere',
  wrong,
  from('{network: lun}, {network: usr2/lan}, {group: g}, {tenant: usr3, select: {}}'),
  [
    '5:29: error: network usr1/lun does not exist, did you mean usr1/lan? [missing-reference]',
    '5:45: error: network usr2/lan does not exist, did you mean usr1/lan? [missing-reference]',
    '5:64: error: addressGroup usr1/g does not exist [missing-reference]',
    '5:77: error: tenant usr3 does not exist, did you mean usr1? [missing-reference]',
  ],
)
test('peer: a group of another tenant', wrong, from('{group: usr2/g}'), [
  '5:27: error: group usr2/g is of another tenant: expected one of tenant usr1 or of the whole cluster [foreign-group]',
])

test(
  'rule: unknown field, action, and type of log',
  wrong,
  'ingress: [{port: [tcp]}, {action: alow}, {log: "true"}, {to: []}]',
  [
    '5:12: error: ingress has no field port, did you mean ports? [unknown-field]',
    '5:35: error: ingress.action alow is not known: expected one of allow, deny, reject, pass, did you mean allow? [bad-value]',
    '5:48: error: ingress.log true: expected true or false, found text [wrong-type]',
    '5:58: error: ingress has no field to [unknown-field]',
  ],
)
test('rule: pass in the tenant tier', wrong, 'egress: [{}, {action: pass}]', [
  '5:23: error: action pass is for the admin and baseline tiers: expected allow, deny or reject [bad-value]',
])
test('policy: priority in the tenant tier', wrong, 'priority: 5', [
  '5:11: error: priority 5 has no meaning in the tenant tier, where deny and reject beat allow [bad-value]',
])
test('policy: priority out of range', wrong, 'tier: admin\npriority: -1', [
  '6:11: error: priority -1 is too small: expected at least 0 [out-of-range]',
])
test('policy: no such tier, no such way with connections', wrong, 'tier: top\nestablished: drop', [
  '5:7: error: tier top is not known: expected one of admin, tenant, baseline [bad-value]',
  '6:14: error: established drop is not known: expected one of recheck, keep [bad-value]',
])
test('policy: too many rules', wrong, `ingress: [${Array(2048).fill('{}').join(',')}]`, [
  '5:10: error: ingress has 2048 entries: expected at most 2047 [out-of-range]',
])

test('policy: of no tenant', (t) => {
  const directory = scratch(t)
  write(directory, {
    'a.yaml': documents(
      ground,
      'kind: Policy\nname: p\n',
      'kind: Policy\nname: q\nselect: {}\n',
      'kind: Policy\nname: r\ntier: admin\nselect: {}\ningress:\n  - from: [{network: lan}, {group: usr1/g}, {network: usr1/lan}]\n    action: pass\n',
    ),
  })
  t.deepEqual(errorsOf(directory, { errors: checkDirectory(directory) }), [
    'a.yaml:12:1: error: select is missing: expected a map [missing-field]',
    'a.yaml:15:1: error: tenant is missing: only policies of the admin and baseline tiers are about every tenant [missing-field]',
    'a.yaml:24:22: error: network lan has no tenant: in a policy of the whole cluster it is tenant/lan [bad-peer]',
    'a.yaml:24:36: error: group usr1/g is of one tenant: expected one of the whole cluster [foreign-group]',
  ])
})

test('group: entries that are no addresses', (t) => {
  const directory = scratch(t)
  write(directory, { 'a.yaml': group('g', '[10.0.0.1, 10.0.0.1/8, office, 5, "fe80::1%eth0"]') })
  const neither = 'is neither an IP address nor a CIDR block [bad-cidr]'
  t.deepEqual(errorsOf(directory, { errors: checkDirectory(directory) }), [
    'a.yaml:3:23: error: addresses 10.0.0.1/8 is not a CIDR block: it has host bits, did you mean 10.0.0.0/8? [bad-cidr]',
    `a.yaml:3:35: error: addresses office ${neither}`,
    `a.yaml:3:43: error: addresses 5 ${neither}`,
    `a.yaml:3:46: error: addresses fe80::1%eth0 ${neither}`,
  ])
})
