import test from 'ava'
import { planFromDocuments } from '../../src/lab/read-plan.js'
import { thingsOf } from '../../src/lab/things.js'

const documents = (address: string, tunnelIp = '198.51.100.60', hosts = ['h1']) => [
  { kind: 'Lab', name: 'lab' },
  { kind: 'Host', name: 'h1', ovsdb: `tcp:${tunnelIp}:6640`, tunnelIp },
  { kind: 'Host', name: 'h2', ovsdb: 'tcp:198.51.100.61:6640', tunnelIp: '198.51.100.61' },
  {
    kind: 'Gateway',
    name: 'g',
    hosts,
    bridge: 'br-ex',
    subnet: '198.51.100.0/24',
    address,
    nextHop: '198.51.100.1',
  },
]
const things = (address: string, tunnelIp?: string) =>
  thingsOf(planFromDocuments(documents(address, tunnelIp)))

test('a host whose address a gateway has is on the outside wire with everything: tunnels, database', (t) => {
  const all = things('host')
  t.like(
    all.find(({ kind, id }) => kind === 'wire' && id === 'outside'),
    { spec: { joined: 'underlay' } },
  )
  const links = all.filter(({ kind, id }) => kind === 'link' && id.startsWith('h'))
  t.deepEqual(
    links.map(({ id }) => id),
    ['h1 br-ex', 'h2 br-underlay'],
  )
  t.like(
    all.find(({ kind, id }) => kind === 'address' && id === 'h1'),
    {
      spec: { device: 'br-ex', addresses: ['198.51.100.60/24'] },
    },
  )
  const own = all.flatMap((thing) => (thing.kind === 'address' ? thing.spec.addresses : []))
  t.is(new Set(own).size, own.length)
})

test('other gateways have a wire of their own', (t) => {
  for (const all of [things('198.51.100.70'), things('host', '10.0.0.1')]) {
    t.deepEqual(all.find(({ kind, id }) => kind === 'wire' && id === 'outside')?.spec, {})
    const links = all.filter(({ kind, id }) => kind === 'link' && id.startsWith('h'))
    t.deepEqual(
      links.map(({ id }) => id),
      ['h1 br-underlay', 'h2 br-underlay', 'h1 br-ex'],
    )
  }
})

test('every host of a gateway has its address on the bridge', (t) => {
  const all = thingsOf(planFromDocuments(documents('host', undefined, ['h1', 'h2'])))
  const links = all.filter(({ kind, id }) => kind === 'link' && id.startsWith('h'))
  t.deepEqual(
    links.map(({ id }) => id),
    ['h1 br-ex', 'h2 br-ex'],
  )
})
