import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { checkDirectory } from '../../src/policy/index.js'
import {
  documents,
  errorsOf,
  host,
  network,
  open,
  peering,
  scratch,
  tenant,
  workload,
  write,
} from './support.js'

const usr1 = documents(tenant('usr1'), network('usr1', 'lan', '192.168.1.0/24'))

/** Errors of a directory with these files. */
const check = test.macro((t, files: Readonly<Record<string, string>>, expected: readonly string[]) => {
  const directory = scratch(t)
  write(directory, files)
  t.deepEqual(errorsOf(directory, { errors: checkDirectory(directory) }), expected)
})

test('a right directory has no errors', check, { 'a.yaml': usr1, 'sub/b.yml': workload('usr1', 'a') }, [])

test(
  'the message of the language page',
  check,
  { 'usr1.yaml': documents(tenant('usr1'), network('usr1', 'lan', '192.168.1.0/33')) },
  ['usr1.yaml:7:9: error: subnet 192.168.1.0/33 is not a CIDR block [bad-cidr]'],
)

test(
  'host bits name the block that was meant',
  check,
  { 'a.yaml': documents(tenant('usr1'), network('usr1', 'lan', '192.168.1.7/24')) },
  [
    'a.yaml:7:9: error: subnet 192.168.1.7/24 is not a CIDR block: it has host bits, did you mean 192.168.1.0/24? [bad-cidr]',
  ],
)

test(
  'all errors of a document at once, each at its place',
  check,
  {
    'a.yaml': documents(
      usr1,
      `kind: Workload
tenant: usr1
name: Web
network: lan
mac: 01:16:3e:0c:07:73
ip: [192.168.1.2, 4, 10.0.0.300]
lables: {role: web}
labels: {a: 1}
`,
    ),
  },
  [
    'a.yaml:11:7: error: name Web is not a name: lower-case letters, digits, "-" and ".", at most 63, with a letter or digit at both ends [bad-name]',
    'a.yaml:13:6: error: mac 01:16:3e:0c:07:73 is not a unicast MAC address such as 00:16:3e:0c:07:73 [bad-mac]',
    'a.yaml:14:19: error: ip 4: expected text, found a number; put it in quotes [wrong-type]',
    'a.yaml:14:22: error: ip 10.0.0.300 is not an IP address of a station [bad-address]',
    'a.yaml:15:1: error: Workload has no field lables, did you mean labels? [unknown-field]',
    'a.yaml:16:13: error: labels.a 1: expected text, found a number; put it in quotes [wrong-type]',
  ],
)

const several = {
  'a.yaml': documents(
    usr1,
    `kind: Workload
tenant: usr1
name: a
network: lam
mac: 00:16:3e
colour: red
`,
    `kind: Egress
tenant: usr2
name: out
gateway: out
select: web
`,
    'kind: Gateway\nname: out\n',
  ),
}
const severalErrors = [
  'a.yaml:12:10: error: network usr1/lam does not exist, did you mean usr1/lan? [missing-reference]',
  'a.yaml:13:6: error: mac 00:16:3e is not a unicast MAC address such as 00:16:3e:0c:07:73 [bad-mac]',
  'a.yaml:14:1: error: Workload has no field colour [unknown-field]',
  'a.yaml:17:9: error: tenant usr2 does not exist, did you mean usr1? [missing-reference]',
  'a.yaml:20:9: error: select web: expected a map, found text [wrong-type]',
  'a.yaml:22:1: error: bridge is missing: expected text [missing-field]',
  'a.yaml:22:1: error: hosts is missing: expected a list [missing-field]',
]

test('what a document with errors refers to is looked for as well', check, several, severalErrors)

test('and so it is where the directory is in use', async (t) => {
  const directory = scratch(t)
  write(directory, { 'usr1.yaml': usr1 })
  const used = open(directory)
  await used.load()
  const { 'a.yaml': text } = several
  write(directory, { 'a.yaml': text.slice(usr1.length) })
  const lines = usr1.split('\n').length - 1
  t.deepEqual(
    errorsOf(directory, await used.reread()),
    severalErrors.map((line) => line.replace(/:(\d+):/, (_, n) => `:${Number(n) - lines}:`)),
  )
})

test(
  'a missing field is at its document',
  check,
  { 'a.yaml': documents(tenant('a'), 'kind: Host\nname: vm1\nunderlayMtu: "x"\n') },
  [
    'a.yaml:4:1: error: ovsdb is missing: expected text [missing-field]',
    'a.yaml:4:1: error: tunnelIp is missing: expected text [missing-field]',
    'a.yaml:6:14: error: underlayMtu x: expected a number, found text [wrong-type]',
  ],
)

test(
  'kinds: unknown, missing, no map',
  check,
  {
    'a.yaml': documents('kind: Netwrk\n', 'name: x\n', '- a\n', '# nothing\n'),
  },
  [
    'a.yaml:1:7: error: kind Netwrk is not known, did you mean Network? [unknown-kind]',
    'a.yaml:3:1: error: kind is missing: expected one of Cluster, Host, Tenant, Network, Workload, Policy, AddressGroup, Gateway, Egress, FloatingIp, PortForward, Peering, Route, Bandwidth, Mirror, Service, Lab [missing-field]',
    'a.yaml:5:1: error: document is not a map: expected kind, name and the fields of the kind [not-a-map]',
  ],
)

test(
  'YAML that breaks off does not hide the other documents',
  check,
  { 'a.yaml': documents('kind: [Tenant\n', tenant('B')) },
  [
    'a.yaml:2:1: error: flow sequence in block collection must be sufficiently indented and end with a ] [syntax]',
    'a.yaml:4:7: error: name B is not a name: lower-case letters, digits, "-" and ".", at most 63, with a letter or digit at both ends [bad-name]',
  ],
)

test('a key twice', check, { 'a.yaml': 'kind: Tenant\nname: a\nname: b\n' }, [
  'a.yaml:3:1: error: key name is in the map twice [duplicate-key]',
])

test(
  'JSON counts too; other names do not',
  check,
  {
    'a.json': '{\n  "kind": "Tenant",\n  "name": "X"\n}\n',
    '.b.yaml': 'kind: [',
    'c.yaml~': 'kind: [',
    'd.yaml.swp': 'kind: [',
    '.git/e.yaml': 'kind: [',
    'f.txt': 'kind: [',
  },
  [
    'a.json:3:11: error: name X is not a name: lower-case letters, digits, "-" and ".", at most 63, with a letter or digit at both ends [bad-name]',
  ],
)

test(
  'references that lead nowhere',
  check,
  {
    'a.yaml': usr1,
    'b.yaml': documents(
      workload('usr3', 'a', '', 'usr3/lan'),
      workload('usr1', 'b', '', 'lam'),
      'kind: Egress\ntenant: usr1\nname: x\ngateway: y\n',
    ),
  },
  [
    'b.yaml:2:9: error: tenant usr3 does not exist, did you mean usr1? [missing-reference]',
    'b.yaml:4:10: error: network usr3/lan does not exist, did you mean usr1/lan? [missing-reference]',
    'b.yaml:9:10: error: network usr1/lam does not exist, did you mean usr1/lan? [missing-reference]',
    'b.yaml:14:10: error: gateway y does not exist [missing-reference]',
  ],
)

test(
  'a reference to a broken document is not an error of its own',
  check,
  {
    'a.yaml': documents(tenant('usr1'), network('usr1', 'lan', '192.168.1.0/33')),
    'b.yaml': workload('usr1', 'a'),
  },
  ['a.yaml:7:9: error: subnet 192.168.1.0/33 is not a CIDR block [bad-cidr]'],
)

test(
  'the same object twice, on both places',
  check,
  { 'a.yaml': tenant('usr1'), 'b.yaml': documents(tenant('x'), tenant('usr1')) },
  [
    'a.yaml:2:7: error: tenant usr1 is declared twice, see b.yaml:5:7 [duplicate-object]',
    'b.yaml:5:7: error: tenant usr1 is declared twice, see a.yaml:2:7 [duplicate-object]',
  ],
)

test(
  'what only one object may have',
  check,
  {
    'a.yaml': documents(
      usr1,
      network('usr1', 'dmz', '192.168.2.0/24', 'vni: 7\n'),
      network('usr1', 'dev', '192.168.3.0/24', 'vni: 7\n'),
      workload('usr1', 'a', 'ip: 192.168.1.5\nmac: 00:16:3e:00:00:01\ninterface: x\n'),
      workload('usr1', 'b', 'ip: [192.168.1.6, 192.168.1.5]\nmac: 00:16:3E:00:00:01\ninterface: x\n'),
      workload('usr1', 'c', 'ip: 192.168.2.5\nmac: 00:16:3e:00:00:01\n', 'dmz'),
    ),
    'b.yaml': documents(host('vm1', '10.0.0.1'), host('vm2', '10.0.0.1')),
    'c.yaml': documents('kind: Cluster\nname: a\n', 'kind: Cluster\nname: b\n'),
  },
  [
    'a.yaml:13:6: error: vni 7 is also of network usr1/dev, see a.yaml:19:6 [duplicate-vni]',
    'a.yaml:19:6: error: vni 7 is also of network usr1/dmz, see a.yaml:13:6 [duplicate-vni]',
    'a.yaml:25:5: error: ip 192.168.1.5 is also of workload usr1/b, see a.yaml:33:19 [duplicate-address]',
    'a.yaml:26:6: error: mac 00:16:3e:00:00:01 is also of workload usr1/b, see a.yaml:34:6 [duplicate-mac]',
    'a.yaml:27:12: error: interface x is also of workload usr1/b, see a.yaml:35:12 [duplicate-interface]',
    'a.yaml:33:19: error: ip 192.168.1.5 is also of workload usr1/a, see a.yaml:25:5 [duplicate-address]',
    'a.yaml:34:6: error: mac 00:16:3e:00:00:01 is also of workload usr1/a, see a.yaml:26:6 [duplicate-mac]',
    'a.yaml:35:12: error: interface x is also of workload usr1/a, see a.yaml:27:12 [duplicate-interface]',
    'b.yaml:3:8: error: ovsdb tcp:10.0.0.1:6640 is also of host vm2, see b.yaml:8:8 [duplicate-address]',
    'b.yaml:4:11: error: tunnelIp 10.0.0.1 is also of host vm2, see b.yaml:9:11 [duplicate-address]',
    'b.yaml:8:8: error: ovsdb tcp:10.0.0.1:6640 is also of host vm1, see b.yaml:3:8 [duplicate-address]',
    'b.yaml:9:11: error: tunnelIp 10.0.0.1 is also of host vm1, see b.yaml:4:11 [duplicate-address]',
    'c.yaml:1:7: error: kind Cluster is also of cluster b, see c.yaml:4:7 [duplicate-object]',
    'c.yaml:4:7: error: kind Cluster is also of cluster a, see c.yaml:1:7 [duplicate-object]',
  ],
)

test(
  'addresses that a workload cannot have',
  check,
  {
    'a.yaml': documents(
      usr1,
      workload('usr1', 'a', 'ip: 192.168.2.5\n'),
      workload('usr1', 'b', 'ip: 192.168.1.1\n'),
      workload('usr1', 'c', 'ip: 192.168.1.255\n'),
      workload('usr1', 'd', 'ip: fd00::5\n'),
      tenant('usr2'),
      workload('usr2', 'e', '', 'usr1/lan'),
    ),
  },
  [
    'a.yaml:13:5: error: ip 192.168.2.5 is not an address of a station in network usr1/lan 192.168.1.0/24, see a.yaml:7:9 [address-outside-subnet]',
    'a.yaml:19:5: error: ip 192.168.1.1 is the gateway of network usr1/lan, see a.yaml:4:1 [duplicate-address]',
    'a.yaml:25:5: error: ip 192.168.1.255 is not an address of a station in network usr1/lan 192.168.1.0/24, see a.yaml:7:9 [address-outside-subnet]',
    'a.yaml:31:5: error: ip fd00::5 is not an address of a station in network usr1/lan, which has no subnet6, see a.yaml:4:1 [address-outside-subnet]',
    'a.yaml:39:10: error: network usr1/lan is of another tenant: a workload sits in a network of its own [foreign-network]',
  ],
)

test(
  'networks of one tenant that overlap; those that are not routed may',
  check,
  {
    'a.yaml': documents(
      usr1,
      network('usr1', 'big', '192.168.0.0/16'),
      network('usr1', 'island', '192.168.0.0/16', 'routed: false\n'),
    ),
  },
  [
    'a.yaml:7:9: error: subnet 192.168.1.0/24 overlaps subnet 192.168.0.0/16 of network usr1/big, see a.yaml:12:9 [overlapping-subnets]',
    'a.yaml:12:9: error: subnet 192.168.0.0/16 overlaps subnet 192.168.1.0/24 of network usr1/lan, see a.yaml:7:9 [overlapping-subnets]',
  ],
)

const overlapping = documents(usr1, tenant('usr2'), network('usr2', 'lan', '192.168.1.0/24'))

test('overlapping tenants may be', check, { 'a.yaml': documents(overlapping, peering('usr1', 'usr2')) }, [])

test(
  'overlapping tenants cannot peer',
  check,
  {
    'a.yaml': overlapping,
    'b.yaml': documents(peering('usr1', 'usr2'), peering('usr2', 'usr1')),
  },
  [
    'b.yaml:4:7: error: peer usr2 cannot be routed: subnet 192.168.1.0/24 overlaps subnet 192.168.1.0/24 of network usr1/lan, see a.yaml:7:9 [overlapping-peers]',
    'b.yaml:9:7: error: peer usr1 cannot be routed: subnet 192.168.1.0/24 overlaps subnet 192.168.1.0/24 of network usr2/lan, see a.yaml:15:9 [overlapping-peers]',
  ],
)

test(
  'networks that take no part on either side may overlap',
  check,
  {
    'a.yaml': documents(
      overlapping,
      network('usr1', 'dmz', '172.16.0.0/16'),
      network('usr2', 'dmz', '172.17.0.0/16'),
      `${peering('usr1', 'usr2')}networks: [dmz]\n`,
      `${peering('usr2', 'usr1')}networks: [usr2/dmz]\n`,
    ),
  },
  [],
)

test(
  "a peer's network may not overlap one that takes no part: the router could not tell them apart",
  check,
  {
    'a.yaml': overlapping,
    'b.yaml': documents(
      network('usr2', 'dmz', '172.16.0.0/16'),
      peering('usr1', 'usr2'),
      `${peering('usr2', 'usr1')}networks: [dmz]\n`,
    ),
  },
  [
    'b.yaml:14:7: error: peer usr1 cannot be routed: subnet 192.168.1.0/24 overlaps subnet 192.168.1.0/24 of network usr2/lan, see a.yaml:15:9 [overlapping-peers]',
  ],
)

test(
  'peering with itself, and with a network of somebody else',
  check,
  {
    'a.yaml': documents(
      overlapping,
      peering('usr1', 'usr1'),
      `${peering('usr1', 'usr2')}networks: [usr2/lan]\n`,
    ),
  },
  [
    'a.yaml:20:7: error: tenant usr1 peers with itself [self-peering]',
    'a.yaml:26:12: error: network usr2/lan is not of tenant usr1: its own tenant names it in its own Peering [foreign-network]',
  ],
)

test(
  'hosts of a gateway watch each other at an interval that has a unit',
  check,
  {
    'a.yaml': documents(
      host('vm1', '10.0.0.1'),
      ...['300', '10ms', '1s'].map(
        (bfd, index) => `kind: Gateway
name: g${index}
hosts: [vm1]
bridge: br-ex
subnet: 162.105.175.0/24
address: 162.105.175.7${index}
nextHop: 162.105.175.1
bfd: ${bfd}
`,
      ),
    ),
  },
  [
    'a.yaml:13:6: error: bfd 300 is not an interval such as 300ms or 1s [bad-value]',
    'a.yaml:22:6: error: bfd 10ms is not between 50ms and 10s [bad-value]',
  ],
)

test(
  'a gateway has address and next hop in its subnet, for either family',
  check,
  {
    'a.yaml': documents(
      host('vm1', '10.0.0.1'),
      `kind: Gateway
name: g
hosts: [vm1, vm2, vm1]
bridge: br-ex
subnet: 162.105.175.0/24
address: 162.105.176.70
subnet6: 2001:db8::/64
address6: 2001:DB8::5
nextHop6: 2001:db8::5
vlan: 9999
`,
    ),
  },
  [
    'a.yaml:6:1: error: gateway has subnet, but no nextHop [missing-field]',
    'a.yaml:8:19: error: host vm1 is in the list twice [bad-value]',
    'a.yaml:11:10: error: address 162.105.176.70 is not an address of a station in subnet 162.105.175.0/24 [address-outside-subnet]',
    "a.yaml:14:11: error: nextHop6 2001:db8::5 is the gateway's own address [duplicate-address]",
    'a.yaml:15:7: error: vlan 9999 is too large: expected at most 4094 [out-of-range]',
  ],
)

test('a directory that is not there', (t) => {
  const directory = `${scratch(t)}/missing`
  t.deepEqual(
    checkDirectory(directory).map(({ code, message }) => [code, message]),
    [['unreadable', 'directory does not exist']],
  )
})

test('what has the name of a file and is none is told of, and not waited for', (t) => {
  const directory = scratch(t)
  execFileSync('mkfifo', [join(directory, 'pipe.yaml')])
  t.deepEqual(errorsOf(directory, { errors: checkDirectory(directory) }), [
    'pipe.yaml:1:1: error: file cannot be read: it is no file [unreadable]',
  ])
})

const lab = (rest: string) => `kind: Lab\nname: lab\n${rest}`

test(
  'a lab places workloads that there are on hosts that there are, each once, and outside has addresses',
  check,
  {
    'usr1.yaml': documents(usr1, workload('usr1', 'web'), host('vm1', '10.9.0.1'), host('vm2', '10.9.0.2')),
    'lab.yaml': lab('place:\n  vm1: [usr1/web, usr1/wep]\n  vm3: [web]\n  vm2: [usr1/web]\n'),
    'outside.yaml': lab('outside:\n  address: 10.9.0.0/24\n  address6: 10.9.0.1/24\n').replace('lab', 'two'),
  },
  [
    'lab.yaml:4:19: error: workload usr1/wep does not exist, did you mean usr1/web? [missing-reference]',
    'lab.yaml:5:8: error: host vm3 does not exist, did you mean vm1? [missing-reference]',
    'lab.yaml:5:9: error: workload web does not exist [missing-reference]',
    'lab.yaml:6:9: error: workload usr1/web is placed on host vm1 already [bad-value]',
    'outside.yaml:4:12: error: outside.address 10.9.0.0/24 is not an IP address of a station with its prefix length [bad-address]',
    'outside.yaml:5:13: error: outside.address6 10.9.0.1/24 is not an IPv6 address of a station with its prefix length [bad-address]',
  ],
)

test(
  'a gateway is on a bridge of the operator',
  check,
  {
    'hosts.yaml': documents(host('vm1', '10.9.0.1'), `${host('vm2', '10.9.0.2')}bridge: br-ex\n`),
    'gateway.yaml':
      'kind: Gateway\nname: g\nhosts: [vm1, vm2]\nbridge: br-ex\nsubnet: 10.8.0.0/24\naddress: 10.8.0.2\nnextHop: 10.8.0.1\n',
  },
  [
    'gateway.yaml:4:9: error: bridge br-ex is the one that the controller owns on host vm2: a gateway needs one that the operator has prepared, see hosts.yaml:10:9 [bad-value]',
  ],
)
