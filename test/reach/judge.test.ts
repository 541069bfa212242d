import test from 'ava'
import { judged, modelOf } from './support.js'

/** Three tenants: a and b peer, b with its lan only; c is alone. All but c have a way out. */
const ground = `
kind: Host
name: h1
ovsdb: tcp:10.9.0.1:6640
tunnelIp: 10.9.0.1
---
{kind: Gateway, name: out, hosts: [h1], bridge: br-ex, subnet: 203.0.113.0/24, address: 203.0.113.70, nextHop: 203.0.113.1}
---
{kind: Tenant, name: a}
---
{kind: Network, tenant: a, name: lan, subnet: 10.1.0.0/24, subnet6: fd00:1::/64}
---
{kind: Network, tenant: a, name: dmz, subnet: 10.2.0.0/24}
---
{kind: Network, tenant: a, name: cell, subnet: 10.3.0.0/24, routed: false}
---
{kind: Workload, tenant: a, name: web, network: lan, ip: [10.1.0.2, "fd00:1::2"], labels: {role: web, stage: prod}}
---
{kind: Workload, tenant: a, name: db, network: lan, ip: [10.1.0.3, "fd00:1::3"], labels: {role: db}}
---
{kind: Workload, tenant: a, name: edge, network: dmz, ip: 10.2.0.2, labels: {role: edge}}
---
{kind: Workload, tenant: a, name: lone, network: cell, ip: 10.3.0.2}
---
{kind: Workload, tenant: a, name: lone2, network: cell, ip: 10.3.0.3}
---
{kind: Egress, tenant: a, name: out, gateway: out}
---
{kind: Tenant, name: b}
---
{kind: Network, tenant: b, name: lan, subnet: 10.4.0.0/24}
---
{kind: Network, tenant: b, name: back, subnet: 10.5.0.0/24}
---
{kind: Workload, tenant: b, name: app, network: lan, ip: 10.4.0.2, labels: {role: web}}
---
{kind: Workload, tenant: b, name: hid, network: back, ip: 10.5.0.2, labels: {role: web}}
---
{kind: Egress, tenant: b, name: out, gateway: out}
---
{kind: Peering, tenant: a, name: b, peer: b}
---
{kind: Peering, tenant: b, name: a, peer: a, networks: [lan]}
---
{kind: Tenant, name: c}
---
{kind: Network, tenant: c, name: lan, subnet: 10.1.0.0/24}
---
{kind: Workload, tenant: c, name: own, network: lan, ip: 10.1.0.2, labels: {role: web}}
---
{kind: Peering, tenant: c, name: b, peer: b}
`

/** What the evaluator says of connections with these policies: see `connection` and `summary`. */
const says = test.macro(async (t, policies: string, expected: Readonly<Record<string, string>>) => {
  const model = await modelOf(ground, ...(policies === '' ? [] : [policies]))
  const lines = Object.keys(expected)
  t.deepEqual(Object.fromEntries(lines.map((line) => [line, judged(model, line)])), expected)
})

test('no policy: whoever tenancy lets meet may talk', says, '', {
  'a/web > a/db tcp/80': 'yes: - / -',
  'a/web > a/db tcp/80 6': 'yes: - / -',
  'a/web > a/edge udp/53': 'yes: - / -',
  'a/web > a/db other': 'yes: - / -',
  'a/lone > a/lone2 tcp/1': 'yes: - / -',
  'a/web > 198.51.100.1 tcp/443': 'yes: - / none',
  'a/web > b/app tcp/80': 'yes: - / -',
  'b/app > a/web tcp/80': 'yes: - / -',
})

test('what tenancy closes', says, '', {
  'a/web > b/hid tcp/80': 'no not-shared: - / -',
  'b/hid > a/web tcp/80': 'no not-shared: - / -',
  'c/own > b/app tcp/80': 'no not-peered: - / -',
  'b/app > c/own tcp/80': 'no not-peered: - / -',
  'a/lone > a/web tcp/80': 'no not-routed: - / -',
  'a/web > a/lone tcp/80': 'no not-routed: - / -',
  'a/lone > 198.51.100.1 tcp/80': 'no not-routed: - / none',
  'c/own > 198.51.100.1 tcp/80': 'no no-way-out: - / none',
  'a/web > 2001:db8::1 tcp/80': 'no no-way-out: - / none',
  '198.51.100.1 > a/web tcp/80': 'no no-way-in: none / -',
  'a/web > 169.254.169.254 tcp/80': 'no unroutable: - / none',
  'a/web > 10.1.0.99 tcp/80': 'no no-station: - / none',
  'a/web > 10.5.0.2 tcp/80': 'no inside: - / none',
})

test('addresses of routers and gateways answer pings only', says, '', {
  'a/web > 10.1.0.1 icmp/8': 'yes: - / none',
  'a/web > 10.1.0.1 tcp/80': 'no router: - / none',
  'a/web > 10.2.0.1 icmp/8': 'yes: - / none',
  'a/web > 10.4.0.1 icmp/8': 'yes: - / none',
  'a/web > fd00:1::1 icmp6/128': 'yes: - / none',
  'a/web > 203.0.113.70 icmp/8': 'yes: - / none',
  'a/web > 203.0.113.70 tcp/80': 'no router: - / none',
  'a/web > 203.0.113.1 tcp/80': 'yes: - / none',
})

test(
  'an address is whoever has it, as the source sees it',
  says,
  '{kind: Policy, tenant: a, name: p, select: {role: db}, ingress: []}',
  {
    'a/web > 10.1.0.3 tcp/80': 'no: - / isolation a/p',
    'b/app > 10.1.0.3 tcp/80': 'no: - / isolation a/p',
    'c/own > 10.1.0.3 tcp/80': 'no no-station: - / none',
  },
)

const web = (rest: string, more = '') =>
  `{kind: Policy, tenant: a, name: web, select: {role: web}, ${rest}}\n${more}`

test('a policy isolates whom it selects, for the directions that it has', says, web('ingress: []'), {
  'a/db > a/web tcp/80': 'no: - / isolation a/web',
  'a/web > a/db tcp/80': 'yes: - / -',
  'a/db > a/edge tcp/80': 'yes: - / -',
  'a/db > a/web other': 'no: - / isolation a/web',
  'b/app > c/own tcp/80': 'no not-peered: - / -',
})

test('egress likewise, at the source', says, web('egress: []'), {
  'a/web > a/db tcp/80': 'no: isolation a/web / -',
  'a/web > 198.51.100.1 tcp/80': 'no: isolation a/web / none',
  'a/db > a/web tcp/80': 'yes: - / -',
})

test('a policy without a direction says nothing of it', says, web('established: keep'), {
  'a/web > a/db tcp/80': 'yes: - / -',
  'a/db > a/web tcp/80': 'yes: - / -',
})

test('no from: anyone; no ports: any protocol and port', says, web('ingress: [{}]'), {
  'a/db > a/web tcp/80': 'yes: - / allow a/web#0',
  'a/db > a/web other': 'yes: - / allow a/web#0',
  'b/app > a/web udp/9': 'yes: - / allow a/web#0',
  '198.51.100.1 > a/web tcp/80': 'no no-way-in: none / allow a/web#0',
})

test('empty lists of peers and of ports match nothing', says, web('ingress: [{from: []}, {ports: []}]'), {
  'a/db > a/web tcp/80': 'no: - / isolation a/web',
})

test('ports', says, web('ingress: [{ports: [tcp/80, tcp/8000-8100, udp/53, icmp/8, sctp/5000]}]'), {
  'a/db > a/web tcp/80': 'yes: - / allow a/web#0',
  'a/db > a/web tcp/81': 'no: - / isolation a/web',
  'a/db > a/web udp/80': 'no: - / isolation a/web',
  'a/db > a/web tcp/7999': 'no: - / isolation a/web',
  'a/db > a/web tcp/8000': 'yes: - / allow a/web#0',
  'a/db > a/web tcp/8100': 'yes: - / allow a/web#0',
  'a/db > a/web tcp/8101': 'no: - / isolation a/web',
  'a/db > a/web udp/53': 'yes: - / allow a/web#0',
  'a/db > a/web icmp/8': 'yes: - / allow a/web#0',
  'a/db > a/web icmp/0': 'no: - / isolation a/web',
  'a/db > a/web icmp6/128': 'no: - / isolation a/web',
  'a/db > a/web sctp/5000': 'yes: - / allow a/web#0',
  'a/db > a/web tcp/80 6': 'yes: - / allow a/web#0',
  'a/db > a/web other': 'no: - / isolation a/web',
})

test('a protocol alone is every port of it', says, web('ingress: [{ports: [tcp, icmp6]}]'), {
  'a/db > a/web tcp/0': 'yes: - / allow a/web#0',
  'a/db > a/web tcp/65535': 'yes: - / allow a/web#0',
  'a/db > a/web udp/80': 'no: - / isolation a/web',
  'a/db > a/web icmp6/1': 'yes: - / allow a/web#0',
  'a/db > a/web icmp/8': 'no: - / isolation a/web',
})

test('peers by labels are of the same tenant', says, web('ingress: [{from: [{select: {role: db}}]}]'), {
  'a/db > a/web tcp/80': 'yes: - / allow a/web#0',
  'a/edge > a/web tcp/80': 'no: - / isolation a/web',
  'b/app > a/web tcp/80': 'no: - / isolation a/web',
})

test('every workload of the tenant, and nobody else', says, web('ingress: [{from: [{select: {}}]}]'), {
  'a/edge > a/web tcp/80': 'yes: - / allow a/web#0',
  'b/app > a/web tcp/80': 'no: - / isolation a/web',
})

test('peers of a tenant with a peering', says, web('ingress: [{from: [{tenant: b, select: {role: web}}]}]'), {
  'b/app > a/web tcp/80': 'yes: - / allow a/web#0',
  'b/hid > a/web tcp/80': 'no not-shared: - / isolation a/web',
  'a/db > a/web tcp/80': 'no: - / isolation a/web',
})

test(
  'policy never opens what tenancy closes',
  says,
  '{kind: Policy, tenant: b, name: p, select: {}, ingress: [{from: [{tenant: c, select: {}}, {cidr: 0.0.0.0/0}]}]}',
  {
    'c/own > b/app tcp/80': 'no not-peered: - / allow b/p#0',
    'a/web > b/app tcp/80': 'yes: - / allow b/p#0',
  },
)

test(
  "a peer's workloads need the peering in force",
  says,
  '{kind: Policy, tenant: b, name: p, select: {}, ingress: [{from: [{tenant: c, select: {}}]}]}',
  {
    'c/own > b/app tcp/80': 'no not-peered: - / isolation b/p',
    'a/web > b/app tcp/80': 'no: - / isolation b/p',
  },
)

test('peers by network', says, web('ingress: [{from: [{network: dmz}]}, {from: [{network: b/lan}]}]'), {
  'a/edge > a/web tcp/80': 'yes: - / allow a/web#0',
  'a/db > a/web tcp/80': 'no: - / isolation a/web',
  'b/app > a/web tcp/80': 'yes: - / allow a/web#1',
})

test(
  'peers by address, with exceptions',
  says,
  web(
    'egress: [{to: [{cidr: 0.0.0.0/0, except: [10.0.0.0/8, 198.51.100.0/24]}]}, {to: [{cidr: 10.2.0.2/32}]}]',
  ),
  {
    'a/web > 192.0.2.1 tcp/80': 'yes: allow a/web#0 / none',
    'a/web > 198.51.100.1 tcp/80': 'no: isolation a/web / none',
    'a/web > a/db tcp/80': 'no: isolation a/web / -',
    'a/web > a/edge tcp/80': 'yes: allow a/web#1 / -',
    'a/web > a/db tcp/80 6': 'no: isolation a/web / -',
  },
)

test(
  'a CIDR block of one IP version says nothing of the other',
  says,
  web('egress: [{to: [{cidr: "::/0"}]}]'),
  {
    'a/web > a/db tcp/80 6': 'yes: allow a/web#0 / -',
    'a/web > a/db tcp/80': 'no: isolation a/web / -',
  },
)

test(
  'peers by group',
  says,
  web(
    'egress: [{to: [{group: office}]}, {to: [{group: world}]}]',
    '---\n{kind: AddressGroup, tenant: a, name: office, addresses: [192.0.2.1, 10.1.0.0/30, "fd00:1::3"]}\n---\n{kind: AddressGroup, name: world, addresses: [198.51.100.0/24]}\n---\n{kind: AddressGroup, name: office, addresses: [198.18.0.0/16]}\n',
  ),
  {
    'a/web > 192.0.2.1 tcp/80': 'yes: allow a/web#0 / none',
    'a/web > 192.0.2.2 tcp/80': 'no: isolation a/web / none',
    'a/web > a/db tcp/80': 'yes: allow a/web#0 / -',
    'a/web > a/db tcp/80 6': 'yes: allow a/web#0 / -',
    'a/web > a/edge tcp/80': 'no: isolation a/web / -',
    'a/web > 198.51.100.7 tcp/80': 'yes: allow a/web#1 / none',
    'a/web > 198.18.0.1 tcp/80': 'no: isolation a/web / none',
  },
)

test(
  'deny beats allow, whatever stands first',
  says,
  web('ingress: [{ports: [tcp]}, {ports: [tcp/22], action: deny}, {ports: [tcp/20-25], action: reject}]'),
  {
    'a/db > a/web tcp/80': 'yes: - / allow a/web#0',
    'a/db > a/web tcp/22': 'no: - / deny a/web#1',
    'a/db > a/web tcp/21': 'no: - / reject a/web#2',
  },
)

test(
  'several policies of the tenant tier count together',
  says,
  web(
    'ingress: [{ports: [tcp/80]}]',
    '---\n{kind: Policy, tenant: a, name: also, select: {stage: prod}, ingress: [{ports: [tcp/443]}, {from: [{select: {role: edge}}], action: deny}]}\n',
  ),
  {
    'a/db > a/web tcp/80': 'yes: - / allow a/web#0',
    'a/db > a/web tcp/443': 'yes: - / allow a/also#0',
    'a/db > a/web tcp/1': 'no: - / isolation a/also',
    'a/edge > a/web tcp/80': 'no: - / deny a/also#1',
  },
)

const admin = `{kind: Policy, name: z, tier: admin, priority: 10, select: {}, ingress: [{ports: [tcp/22], action: pass}, {ports: [tcp/23], action: reject}, {ports: [tcp/24]}]}
---
{kind: Policy, name: a, tier: admin, priority: 20, select: {}, ingress: [{ports: [tcp/20-30], action: deny}]}
---
{kind: Policy, tenant: a, name: m, tier: admin, priority: 10, select: {role: web}, ingress: [{ports: [tcp/24-25]}]}
---
{kind: Policy, tenant: a, name: deny, select: {role: web}, ingress: [{ports: [tcp/22]}, {ports: [tcp/24-25], action: deny}]}
`

test(
  'admin tier: the lowest priority first, the first match decides, pass goes on to the tenant tier',
  says,
  admin,
  {
    'a/db > a/web tcp/22': 'yes: - / allow a/deny#0',
    'a/db > a/db tcp/22': 'yes: - / -',
    'a/db > a/web tcp/23': 'no: - / reject z#1',
    'a/db > a/web tcp/24': 'yes: - / allow a/m#0',
    'a/web > a/db tcp/24': 'yes: - / allow z#2',
    'a/db > a/web tcp/25': 'yes: - / allow a/m#0',
    'a/db > a/web tcp/26': 'no: - / deny a#0',
    'a/db > a/web tcp/80': 'no: - / isolation a/deny',
    'a/web > b/app tcp/26': 'no: - / deny a#0',
    'a/web > a/edge tcp/80': 'yes: - / -',
  },
)

const baseline = `{kind: Policy, name: base, tier: baseline, select: {}, ingress: [{ports: [tcp/22], action: pass}, {ports: [tcp/23]}, {ports: [tcp], action: deny}]}
---
{kind: Policy, tenant: a, name: own, tier: baseline, priority: 1, select: {role: db}, ingress: [{ports: [udp], action: reject}]}
---
{kind: Policy, tenant: a, name: web, select: {role: web}, ingress: [{ports: [tcp/80]}]}
`

test(
  'baseline tier: asked only where no policy of the tenant selects the workload; then: allow',
  says,
  baseline,
  {
    'a/web > a/db tcp/22': 'yes: - / -',
    'a/web > a/db tcp/23': 'yes: - / allow base#1',
    'a/web > a/db tcp/80': 'no: - / deny base#2',
    'a/web > a/db udp/1': 'no: - / reject a/own#0',
    'a/web > a/edge udp/1': 'yes: - / -',
    'a/db > a/web tcp/80': 'yes: - / allow a/web#0',
    'a/db > a/web tcp/23': 'no: - / isolation a/web',
  },
)

test(
  'admin and baseline policies isolate nobody',
  says,
  '{kind: Policy, name: x, tier: admin, select: {}, ingress: []}\n---\n{kind: Policy, name: y, tier: baseline, select: {}, egress: []}\n',
  { 'a/web > a/db tcp/80': 'yes: - / -' },
)

test(
  'peers of a policy without tenant are of the tenant that it is judged for',
  says,
  '{kind: Policy, name: x, tier: admin, select: {}, ingress: [{from: [{select: {}}]}, {from: [{tenant: b, select: {}}], action: deny}, {action: reject}]}',
  {
    'a/db > a/web tcp/80': 'yes: - / allow x#0',
    'b/app > a/web tcp/80': 'no: - / deny x#1',
    'a/web > b/app tcp/80': 'no: - / reject x#2',
    'b/hid > b/app tcp/80': 'yes: - / allow x#0',
  },
)

test(
  'both ends have their say',
  says,
  web(
    'egress: [{to: [{select: {role: db}}], ports: [tcp/5432]}]',
    '---\n{kind: Policy, tenant: a, name: db, select: {role: db}, ingress: [{from: [{select: {role: edge}}]}]}\n',
  ),
  {
    'a/web > a/db tcp/5432': 'no: allow a/web#0 / isolation a/db',
    'a/edge > a/db tcp/5432': 'yes: - / allow a/db#0',
    'a/web > a/db tcp/1': 'no: isolation a/web / isolation a/db',
  },
)

/** Which of web (role, stage), edge (role) and lone (no labels) a selector selects. */
const selected = test.macro(async (t, selector: string, expected: readonly string[]) => {
  const model = await modelOf(ground, `{kind: Policy, tenant: a, name: p, select: ${selector}, ingress: []}`)
  const from = { web: 'a/db', edge: 'a/db', lone: 'a/lone2' }
  const names = Object.entries(from).filter(([name, other]) =>
    judged(model, `${other} > a/${name} tcp/1`).includes('isolation'),
  )
  t.deepEqual(
    names.map(([name]) => name),
    expected,
  )
})

test('select: everything', selected, '{}', ['web', 'edge', 'lone'])
test('select: a value', selected, '{role: web}', ['web'])
test('select: all labels must match', selected, '{role: web, stage: test}', [])
test('select: two labels', selected, '{role: web, stage: prod}', ['web'])
test('select: in', selected, '{role: {in: [web, edge]}}', ['web', 'edge'])
test('select: in, not there', selected, '{stage: {in: [prod]}}', ['web'])
test('select: notIn, which a missing label satisfies', selected, '{role: {notIn: [web]}}', ['edge', 'lone'])
test('select: notIn with several', selected, '{role: {notIn: [web, edge]}}', ['lone'])
test('select: exists', selected, '{stage: exists}', ['web'])
test('select: absent', selected, '{stage: absent}', ['edge', 'lone'])
test('select: a value that nobody has', selected, '{role: none}', [])
test('select: a label of the object itself is not one', selected, '{constructor: exists}', [])
