/**
 * Policies of every kind that the language has, one a change: tiers, priorities, pass, selectors, peers, ports, actions,
 * both directions. Tenants `red` and `blue` peer; `grey` has red's subnet and peers with nobody.
 */
export interface PolicyCase {
  readonly name: string
  /** Whole documents. */
  readonly text: string
  /** Whether it stays in force beside the later ones. */
  readonly stays?: boolean
}

interface Shape {
  readonly tenant?: string
  readonly tier?: string
  readonly priority?: number
  readonly select?: string
  readonly established?: string
  readonly ingress?: readonly string[]
  readonly egress?: readonly string[]
}

function policy(name: string, shape: Shape, stays = false): PolicyCase {
  const { tenant = 'red', tier, priority, select = '{}', established, ingress, egress } = shape
  const list = (rules: readonly string[]) =>
    rules.length === 0 ? ' []' : rules.map((r) => `\n  - ${r}`).join('')
  const lines = [
    'kind: Policy',
    ...(tenant === '' ? [] : [`tenant: ${tenant}`]),
    `name: ${name}`,
    ...(tier === undefined ? [] : [`tier: ${tier}`]),
    ...(priority === undefined ? [] : [`priority: ${priority}`]),
    `select: ${select}`,
    ...(established === undefined ? [] : [`established: ${established}`]),
    ...(ingress === undefined ? [] : [`ingress:${list(ingress)}`]),
    ...(egress === undefined ? [] : [`egress:${list(egress)}`]),
  ]
  return { name, text: `${lines.join('\n')}\n`, stays }
}

/** Ways to say who the other end is, for a policy of `red`. */
const peers: Readonly<Record<string, string>> = {
  value: '{select: {role: client}}',
  in: '{select: {role: {in: [client, db]}}}',
  'not-in': '{select: {role: {notIn: [client, web]}}}',
  exists: '{select: {zone: exists}}',
  absent: '{select: {zone: absent}}',
  two: '{select: {role: web, zone: absent}}',
  all: '{select: {}}',
  peer: '{tenant: blue, select: {}}',
  'peer-some': '{tenant: blue, select: {role: client}}',
  network: '{network: dmz}',
  cidr: '{cidr: 10.1.0.0/24}',
  except: '{cidr: 10.0.0.0/8, except: [10.1.0.2/32, 10.2.0.0/24]}',
  'cidr-6': '{cidr: "2001:db8:1::/64"}',
  everywhere: '{cidr: 0.0.0.0/0}',
  group: '{group: office}',
  'group-of-all': '{group: partners}',
}

const ports: Readonly<Record<string, string>> = {
  tcp: '[tcp]',
  'tcp-80': '[tcp/80]',
  'tcp-range': '[tcp/79-81]',
  udp: '[udp]',
  'udp-53': '[udp/53]',
  icmp: '[icmp]',
  'icmp-8': '[icmp/8]',
  icmp6: '[icmp6]',
  'icmp6-128': '[icmp6/128]',
  several: '[tcp/81, udp/53, icmp]',
  sctp: '[sctp/5000]',
}

export const policyCases: readonly PolicyCase[] = [
  {
    name: 'groups',
    stays: true,
    text: [
      'kind: AddressGroup\ntenant: red\nname: office\naddresses: [10.1.0.2, 10.1.1.0/25, "2001:db8:1::3"]\n',
      'kind: AddressGroup\nname: partners\naddresses: [10.2.0.0/25, 10.1.0.0/30]\n',
    ].join('---\n'),
  },
  ...Object.entries(peers).flatMap(([name, peer]) => [
    policy(`from-${name}`, { select: '{role: web}', ingress: [`from: [${peer}]`] }),
    policy(`to-${name}`, { select: '{role: client}', egress: [`to: [${peer}]`] }),
  ]),
  policy('from-several', { ingress: [`from: [${peers.value}, ${peers.peer}, ${peers['cidr-6']}]`] }),
  policy('from-nobody', { ingress: ['from: []'] }),
  ...Object.entries(ports).map(([name, list]) => policy(`ports-${name}`, { ingress: [`ports: ${list}`] })),
  policy('ports-out', { select: '{role: web}', egress: ['ports: [tcp/80, udp/53, icmp, icmp6]'] }),
  policy('both', {
    select: '{role: web}',
    ingress: [`{from: [${peers.in}, ${peers.peer}], ports: [tcp/80, icmp]}`],
    egress: [`{to: [${peers.all}], ports: [udp/53]}`],
  }),
  policy('nothing-in', { select: '{role: db}', ingress: [] }),
  policy('nothing-out', { select: '{role: db}', egress: [] }),
  policy('nothing', { ingress: [], egress: [] }),
  policy('deny', { ingress: ['{}', '{ports: [tcp/81], action: deny}'] }),
  policy('deny-out', { egress: ['{}', `{to: [${peers.peer}], action: deny}`] }),
  policy('reject', { select: '{role: web}', ingress: ['{ports: [tcp/80, udp/53], action: reject}', '{}'] }),
  policy('reject-out', { select: '{role: client}', egress: ['{ports: [tcp, icmp6], action: reject}', '{}'] }),
  policy('log', {
    ingress: [`{from: [${peers.value}], log: true}`, '{ports: [icmp], action: deny, log: true}'],
  }),
  policy('keep', { established: 'keep', ingress: ['{ports: [tcp/80]}'] }),
  policy('select-in', { select: '{role: {in: [web, db]}}', ingress: ['{ports: [tcp]}'] }),
  policy('select-not', { select: '{role: {notIn: [web]}, zone: exists}', ingress: ['{ports: [udp]}'] }),
  policy('blue-in', { tenant: 'blue', ingress: ['from: [{tenant: red, select: {role: client}}]'] }),
  policy('grey-in', { tenant: 'grey', ingress: ['{from: [{select: {role: client}}], ports: [tcp/80]}'] }),
  policy('base', { tier: 'baseline', ingress: ['{ports: [icmp, icmp6], action: deny}'] }, true),
  policy(
    'base-first',
    { tier: 'baseline', priority: 5, ingress: [`{from: [${peers.value}], action: pass}`] },
    true,
  ),
  policy(
    'base-all',
    { tenant: '', tier: 'baseline', priority: 300, egress: ['{ports: [tcp/81], action: deny}'] },
    true,
  ),
  policy('tenant-over-base', { select: '{role: web}', ingress: ['{ports: [icmp]}'] }),
  policy('admin-deny', { tier: 'admin', ingress: ['{ports: [udp/53], action: deny}'] }, true),
  policy(
    'admin-pass',
    { tier: 'admin', priority: 10, ingress: [`{from: [${peers.all}], ports: [udp], action: pass}`] },
    true,
  ),
  policy(
    'admin-allow',
    { tier: 'admin', priority: 20, select: '{role: db}', ingress: ['{ports: [tcp/80]}'] },
    true,
  ),
  policy(
    'admin-of-all',
    {
      tenant: '',
      tier: 'admin',
      priority: 1,
      select: '{zone: exists}',
      ingress: ['{ports: [tcp/81], action: reject}'],
    },
    true,
  ),
  policy(
    'admin-same-tenant',
    {
      tenant: '',
      tier: 'admin',
      priority: 2,
      ingress: ['{from: [{select: {role: client}}], ports: [tcp/80]}'],
    },
    true,
  ),
  policy('admin-group', {
    tenant: '',
    tier: 'admin',
    priority: 0,
    egress: ['{to: [{group: partners}], ports: [icmp], action: deny}'],
  }),
  policy('under-admin', { ingress: [], egress: ['{ports: [tcp, udp]}'] }, true),
  policy('under-admin-2', {
    select: '{role: web}',
    ingress: [`{from: [${peers.network}], ports: [tcp/80]}`],
  }),
]
