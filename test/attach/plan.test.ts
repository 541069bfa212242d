import test from 'ava'
import { isDeviceName, portName } from '../../src/attach/index.js'
import { keys } from '../../src/attach/keys.js'
import {
  type Attachment,
  externalIds,
  insideLines,
  mtuLines,
  needsChecksums,
  pairLine,
  portOf,
  upLine,
} from '../../src/attach/plan.js'

const facts = {
  mac: '02:00:00:00:00:01',
  addresses: ['192.168.1.2/24', 'fd00::2/64'],
  gateways: ['192.168.1.1', 'fd00::1'],
  mtu: 1458,
}
const plug = { kind: 'veth', netns: '/run/netns/blue', device: 'eth0' } as const
const veth = { interface: 'usr1/a', bridge: 'br-int', plug, facts } as const

test('the pair is made with its inner end in its place', (t) => {
  const port = portName('usr1/a')
  const line = `link add ${port} type veth peer name eth0`
  t.is(pairLine(veth, facts), `${line} address 02:00:00:00:00:01 netns /run/netns/blue`)
  t.is(pairLine(veth, {}), `${line} netns /run/netns/blue`)
  t.is(upLine(port), `link set ${port} up`)
  t.deepEqual(mtuLines(port, facts), [`link set ${port} mtu 1458`])
  t.deepEqual(mtuLines(port, {}), [])
})

test('inside, what is wanted is there and what was wanted before is not', (t) => {
  t.deepEqual(insideLines('eth0', facts, ['192.168.1.2/24', '192.168.1.9/24']), [
    'link set lo up',
    'link set eth0 address 02:00:00:00:00:01',
    'link set eth0 mtu 1458',
    'link set eth0 up',
    'address del 192.168.1.9/24 dev eth0',
    'address replace 192.168.1.2/24 dev eth0',
    'address replace fd00::2/64 dev eth0',
    'route replace default via 192.168.1.1 dev eth0',
    'route replace default via fd00::1 dev eth0',
  ])
})

test('without addresses, those of a DHCP client stay', (t) => {
  const lines = insideLines('eth0', { addresses: [], gateways: [] }, ['10.0.1.101/24'])
  t.deepEqual(lines, ['link set lo up', 'link set eth0 up'])
})

test('names of ports fit, differ and stay the same', (t) => {
  const ids = [
    'usr1/web',
    'usr2/web',
    'usr1/a-very-long-name-of-a-workload',
    'x',
    '09b11c53-8b5c-4eeb-8f00',
    'ü/ü',
  ]
  const names = ids.map(portName)
  t.is(new Set(names).size, ids.length)
  for (const name of names) t.true(isDeviceName(name), name)
  t.regex(names[0] ?? '', /^sr1-web-[\da-f]{7}$/)
  t.is(portOf({ ...veth, plug: { kind: 'tap', device: 'tap7' } }), 'tap7')
  for (const name of ['', '.', '..', 'a/b', 'a b', '-x', 'sixteen-letters-', 'a:b'])
    t.false(isDeviceName(name), name)
})

test('the database is told who it is, and asked only where the facts are not known', (t) => {
  t.deepEqual(externalIds(veth), { 'iface-id': 'usr1/a', 'attached-mac': facts.mac, [keys.attached]: 'veth' })
  const { facts: _, ...unknown } = veth
  const asking: Attachment = { ...unknown, owner: 'cni/n/c/eth0', network: 'usr1/lan' }
  t.deepEqual(externalIds(asking), {
    'iface-id': 'usr1/a',
    [keys.attached]: 'veth',
    [keys.facts]: '?',
    [keys.owner]: 'cni/n/c/eth0',
    [keys.tenant]: 'usr1',
    [keys.network]: 'lan',
  })
})

test('checksums are the workload’s where Open vSwitch takes frames as they are', (t) => {
  for (const version of ['2.17.9', '3.1.0', '3', undefined]) t.true(needsChecksums('netdev', version))
  for (const version of ['3.2.0', '3.10.1', '4.0.0']) t.false(needsChecksums('netdev', version))
  for (const type of ['', 'system']) t.false(needsChecksums(type, '3.1.0'))
})
