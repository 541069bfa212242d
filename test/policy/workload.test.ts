/** What a workload may use beside its own, sub-ports, and networks on VLANs: their rows, and what is wrong with them. */
import test from 'ava'
import { checkDirectory } from '../../src/policy/index.js'
import { documents, errorsOf, Model, network, open, scratch, tenant, workload, write } from './support.js'

const ground = documents(
  tenant('a'),
  network('a', 'lan', '10.1.0.0/24', 'subnet6: 2001:db8:1::/64\n'),
  workload('a', 'vm', 'mac: 00:16:3e:00:00:01\n'),
)

/** Errors of a directory that has the ground, and this file. */
const check = test.macro((t, text: string, expected: readonly string[]) => {
  const directory = scratch(t)
  write(directory, { 'ground.yaml': ground, 'x.yaml': text })
  t.deepEqual(errorsOf(directory, { errors: checkDirectory(directory) }), expected)
})

test('their rows', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'x.yaml': documents(
      workload(
        'a',
        'x',
        'mac: 00:16:3e:00:00:02\nallowed: [10.1.0.9, 10.244.0.0/24, "2001:DB8:1::9", {mac: 00:16:3E:00:00:03, ip: 10.1.0.10/32}]\n',
      ),
      workload('a', 'sub', 'mac: 00:16:3e:00:00:01\nparent: vm\ntag: 5\n', 'phys'),
      network('a', 'phys', '10.2.0.0/24', 'vlan: {bridge: br-phys, tag: 10}\n'),
    ),
  })
  const update = await open(directory).load()
  t.deepEqual(errorsOf(directory, update), [])
  const model = new Model()
  model.apply(update.changes)
  t.like(model.rows.get('workload/a/x'), {
    allowed: [
      { ip: '10.1.0.9', mac: '00:16:3e:00:00:02' },
      { ip: '10.244.0.0/24', mac: '00:16:3e:00:00:02' },
      { ip: '2001:db8:1::9', mac: '00:16:3e:00:00:02' },
      { ip: '10.1.0.10', mac: '00:16:3e:00:00:03' },
    ],
  })
  t.like(model.rows.get('workload/a/sub'), { trunk: { parent: 'a/vm', tag: 5 } })
  t.like(model.rows.get('network/a/phys'), { vlan: { bridge: 'br-phys', tag: 10 } })
})

test('nobody is given what another may use', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'ground.yaml': ground,
    'x.yaml': documents(
      workload('a', 'x', 'allowed: [10.1.0.2, 10.1.0.4/30]\n'),
      workload('a', 'y'),
      workload('a', 'z'),
    ),
  })
  const update = await open(directory).load()
  const model = new Model()
  model.apply(update.changes)
  const given = ['vm', 'x', 'y', 'z'].map((name) => model.rows.get(`workload/a/${name}`))
  const addresses = given.flatMap((row) => (row && 'addresses' in row ? row.addresses : []))
  t.deepEqual(
    addresses.filter((address) => address.includes('.')).sort(),
    ['10.1.0.3', '10.1.0.8', '10.1.0.9', '10.1.0.10'].sort(),
  )
})

test(
  'what cannot be allowed',
  check,
  workload(
    'a',
    'x',
    'allowed: [10.1.0.300, 10.1.0.1/24, 5, {mac: "01:00:00:00:00:00", ip: 10.1.0.9}, {mac: "00:16:3e:00:00:09"}]\n',
  ),
  [
    'x.yaml:5:11: error: allowed 10.1.0.300 is not an IP address of a station [bad-address]',
    'x.yaml:5:23: error: allowed 10.1.0.1/24 is not a CIDR block: it has host bits, did you mean 10.1.0.0/24? [bad-cidr]',
    'x.yaml:5:36: error: allowed 5 is not an address, a CIDR block or {mac, ip} [bad-address]',
    'x.yaml:5:45: error: allowed.mac 01:00:00:00:00:00 is not a unicast MAC address [bad-mac]',
    'x.yaml:5:81: error: allowed {"mac":"00:16:3e:00:00:09"} has no ip: expected {mac, ip} [missing-field]',
  ],
)

test(
  "the router's address, and another's MAC, are not to be allowed; one MAC for several workloads is",
  check,
  documents(
    workload(
      'a',
      'x',
      'allowed: [10.1.0.1, {mac: "00:16:3e:00:00:01", ip: 10.1.0.8}, {mac: "00:00:5e:00:01:01", ip: 10.1.0.9}]\n',
    ),
    workload('a', 'y', 'allowed: [{mac: "00:00:5e:00:01:01", ip: 10.1.0.9}]\n'),
  ),
  [
    'ground.yaml:14:6: error: mac 00:16:3e:00:00:01 is also of workload a/x, see x.yaml:5:27 [duplicate-mac]',
    'x.yaml:5:11: error: allowed 10.1.0.1 is the gateway of network a/lan, see ground.yaml:4:1 [duplicate-address]',
    'x.yaml:5:27: error: mac 00:16:3e:00:00:01 is also of workload a/vm, see ground.yaml:14:6 [duplicate-mac]',
  ],
)

test(
  'a tag twice on one parent, a parent that is none',
  check,
  documents(
    workload('a', 'one', 'parent: vm\ntag: 5\n'),
    workload('a', 'two', 'parent: vm\ntag: 5\n'),
    workload('a', 'three', 'parent: vn\ntag: 5\n'),
    workload('a', 'four', 'parent: one\ntag: 5\n'),
    workload('a', 'five', 'parent: vm\n'),
    workload('a', 'six', 'tag: 5\n'),
    workload('a', 'seven', 'parent: vm\ntag: 4095\n'),
    workload('a', 'eight', 'parent: vm\ntag: 8\ninterface: x\n'),
  ),
  [
    'x.yaml:6:6: error: tag 5 of workload a/vm is also of workload a/two, see x.yaml:13:6 [duplicate-tag]',
    'x.yaml:13:6: error: tag 5 of workload a/vm is also of workload a/one, see x.yaml:6:6 [duplicate-tag]',
    'x.yaml:19:9: error: workload a/vn does not exist, did you mean a/vm? [missing-reference]',
    'x.yaml:26:9: error: parent workload a/one has a parent itself: a tag within a tag is not supported, see x.yaml:5:9 [nested-parent]',
    'x.yaml:33:9: error: parent vm has no tag beside it [missing-field]',
    'x.yaml:39:6: error: tag 5 has no parent beside it [missing-field]',
    'x.yaml:46:6: error: tag 4095 is too large: expected at most 4094 [out-of-range]',
    'x.yaml:54:12: error: interface x stands beside parent: a sub-port is on the interface of its parent [bad-value]',
  ],
)

test(
  'two networks on one VLAN of a bridge',
  check,
  documents(
    network('a', 'one', '10.2.0.0/24', 'vlan: {bridge: br-phys, tag: 5}\n'),
    network('a', 'two', '10.3.0.0/24', 'vlan: {bridge: br-phys, tag: 5}\n'),
    network('a', 'three', '10.4.0.0/24', 'vlan: {bridge: br-other, tag: 5}\n'),
    network('a', 'four', '10.5.0.0/24', 'vlan: {bridge: br-phys, tag: 0}\n'),
  ),
  [
    'x.yaml:5:30: error: vlan 5 of bridge br-phys is also of network a/two, see x.yaml:11:30 [duplicate-tag]',
    'x.yaml:11:30: error: vlan 5 of bridge br-phys is also of network a/one, see x.yaml:5:30 [duplicate-tag]',
    'x.yaml:23:30: error: vlan.tag 0 is too small: expected at least 1 [out-of-range]',
  ],
)
