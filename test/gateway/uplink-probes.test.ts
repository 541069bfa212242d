import test from 'ava'
import { whoHas } from '../../src/frames/neighbours.js'
import { UplinkProbes } from '../../src/gateway/uplink-probes.js'
import { Model } from '../../src/model/model.js'
import { gateway, host, put } from '../support/rows.js'

const own = gateway('out', 9, { hosts: ['h1', 'h2'] })
const macs: Readonly<Record<string, string>> = { h1: '02:00:00:00:00:01', h2: '02:00:00:00:00:02' }
/** 203.0.113.1 is at 0a:ee:00:00:00:01, said to nobody in particular. */
const answer = Buffer.from(
  '0200000000010aee00000001080600010800060400020aee00000001cb00710102000000000100000000',
  'hex',
)

function setUp() {
  const model = new Model()
  model.commit([
    put('gateway', own),
    ...['h1', 'h2'].flatMap((id, index) => [
      put('host', host(id, index + 1)),
      put('bridge', { id, uplinks: { out: 5 } }),
    ]),
  ])
  const sent: string[] = []
  const connected = new Set(['h1', 'h2'])
  const mute = new Set<string>()
  const probes = new UplinkProbes({
    model,
    hostsOf: ({ hosts }) => hosts,
    identityOf: (_, id) => ({ mac: macs[id] ?? '', linkLocal: 'fe80::1' }),
    send: (on, port, frame, onSent) => {
      if (connected.has(on)) sent.push(`${on} ${port} ${frame.toString('hex')}`)
      if (connected.has(on) && !mute.has(on)) onSent()
      return connected.has(on)
    },
  })
  /** Lets time pass; hosts in `hearing` are answered. */
  const pass = (fromMs: number, toMs: number, ...hearing: readonly string[]) => {
    for (let now = fromMs; now <= toMs; now += 100) {
      probes.probe(now)
      for (const id of hearing) probes.heard(id, answer, now)
    }
  }
  return { probes, sent, pass, connected, mute }
}

test('every host asks for the next hop, as itself and for no address', (t) => {
  const { probes, sent } = setUp()
  probes.probe(0)
  const asked = ['h1', 'h2'].map((id) => {
    const frame = whoHas('203.0.113.1', { address: '0.0.0.0', mac: macs[id] ?? '' })
    return `${id} 5 ${frame.toString('hex')}`
  })
  t.deepEqual(sent, asked)
  probes.probe(499)
  t.is(sent.length, 2)
  probes.probe(500)
  t.is(sent.length, 4)
})

test('a host that is not answered while another is, is silent; one that is again, is not', (t) => {
  const { probes, pass } = setUp()
  pass(0, 2000, 'h1', 'h2')
  t.false(probes.isSilent(own, 'h1'))
  pass(2100, 3500, 'h2')
  t.false(probes.isSilent(own, 'h1'))
  pass(3600, 3800, 'h2')
  t.true(probes.isSilent(own, 'h1'))
  t.false(probes.isSilent(own, 'h2'))
  pass(3900, 4000, 'h1', 'h2')
  t.false(probes.isSilent(own, 'h1'))
})

test('a next hop that answers nobody says nothing of hosts', (t) => {
  const { probes, pass } = setUp()
  pass(0, 2000, 'h1', 'h2')
  pass(2100, 5000)
  t.false(probes.isSilent(own, 'h1'))
  t.false(probes.isSilent(own, 'h2'))
})

test('a host that cannot be told to ask is not silent', (t) => {
  const { probes, pass, connected } = setUp()
  pass(0, 2000, 'h1', 'h2')
  connected.delete('h1')
  pass(2100, 5000, 'h2')
  t.false(probes.isSilent(own, 'h1'))
})

test('of a switch that says nothing at all it is not known whether its host is answered', (t) => {
  const { probes, pass, mute } = setUp()
  pass(0, 2000, 'h1', 'h2')
  mute.add('h1')
  pass(2100, 9000, 'h2')
  t.false(probes.isSilent(own, 'h1'))
  mute.delete('h1')
  pass(9100, 9600, 'h2')
  t.true(probes.isSilent(own, 'h1'))
})
