import test from 'ava'
import { judged, modelOf } from './support.js'

const ground = `
{kind: Tenant, name: a}
---
{kind: Network, tenant: a, name: lan, subnet: 10.1.0.0/24}
---
{kind: Network, tenant: a, name: phys, subnet: 10.2.0.0/24, vlan: {bridge: br-phys, tag: 5}}
---
{kind: Workload, tenant: a, name: web, network: lan, ip: 10.1.0.2, labels: {role: web}, allowed: [10.1.0.9, 10.1.0.10, 10.1.0.128/25]}
---
{kind: Workload, tenant: a, name: db, network: lan, ip: 10.1.0.3, labels: {role: db}, allowed: [10.1.0.10, 10.1.0.192/26]}
---
{kind: Network, tenant: a, name: leased, subnet: 10.3.0.0/24, routed: false, vlan: {bridge: br-phys, tag: 6}}
---
{kind: Workload, tenant: a, name: lone, network: leased, ip: 10.3.0.2}
---
{kind: Workload, tenant: a, name: pc, network: phys, ip: 10.2.0.2}
---
{kind: Policy, tenant: a, name: web, select: {role: web}, ingress: [{ports: [tcp/80]}]}
`

test('addresses that workloads may use beside their own are theirs', async (t) => {
  const model = await modelOf(ground)
  t.is(judged(model, 'a/pc > 10.1.0.9 tcp/80'), 'yes: - / allow a/web#0')
  t.is(judged(model, 'a/pc > 10.1.0.9 tcp/81'), 'no: - / isolation a/web')
  t.is(judged(model, 'a/pc > 10.1.0.130 tcp/81'), 'no: - / isolation a/web')
  t.is(judged(model, 'a/pc > 10.1.0.200 tcp/81'), 'yes: - / -')
  // Of two with different labels nobody knows who it is.
  t.is(judged(model, 'a/pc > 10.1.0.10 tcp/81'), 'yes: - / none')
  t.is(judged(model, 'a/pc > 10.1.0.77 tcp/81'), 'no no-station: - / none')
})

test('on a VLAN every other address may be that of a physical station', async (t) => {
  const model = await modelOf(ground)
  t.is(judged(model, 'a/web > 10.2.0.77 tcp/80'), 'yes: - / none')
  t.is(judged(model, 'a/web > 10.2.0.1 tcp/80'), 'no router: - / none')
  t.is(judged(model, 'a/lone > 8.8.8.8 tcp/80'), 'yes: - / none')
  t.is(judged(model, 'a/lone > a/pc tcp/80'), 'no not-routed: - / -')
})
