import test from 'ava'
import { Malformed } from '../../src/frames/malformed.js'
import { readPacket } from '../../src/frames/packet.js'
import { Model } from '../../src/model/model.js'
import type { Change, NetworkRow } from '../../src/model/rows.js'
import { RouterAdvertisements } from '../../src/router-advertisements/router-advertisements.js'
import { host, network, port, put, tenant, workload } from '../support/rows.js'
import { captured } from '../support/station-frames.js'

const router = { mac: '02:73:6c:00:00:01', address: 'fe80::73:6cff:fe00:1' }
const halfHour = 1_800_000

const lan = (more: Partial<NetworkRow> = {}) =>
  network('a/lan', 1, { subnet6: '2001:db8:1::/64', gateway6: '2001:db8:1::1', ...more })

const base: readonly Change[] = [
  put('host', host('h1', 1)),
  put('host', host('h2', 2)),
  put('tenant', tenant('a', 1)),
  put('network', lan()),
  put('network', network('a/old', 2)),
  put('workload', workload('a/one', 'a/lan', 2)),
  put('workload', workload('a/two', 'a/lan', 3)),
  put('workload', workload('a/four', 'a/old', 4)),
  put('port', port('h1', 'p1', 'a/one', 11)),
  put('port', port('h2', 'p2', 'a/two', 12)),
  put('port', port('h1', 'p3', 'a/four', 13)),
]

function setUp(isConnected: (host: string) => boolean = () => true) {
  const model = new Model()
  let sent: string[] = []
  const frames: Buffer[] = []
  const advertisements = new RouterAdvertisements({
    model,
    router,
    send: (at, { port: out }, frame) => {
      if (!isConnected(at)) return false
      sent.push(`${at}:${out}`)
      frames.push(frame)
      return true
    },
  })
  const commit = (...changes: readonly Change[]) => advertisements.follow(model.commit(changes).changes)
  /** Where something was sent to since the last call. */
  const told = (nowMs: number) => {
    advertisements.tick(nowMs)
    const now = sent.sort()
    sent = []
    return now
  }
  commit(...base)
  return { model, advertisements, commit, told, frames }
}

test('each workload of a network with IPv6 is told at once, and again every half hour', (t) => {
  const { told, frames, advertisements } = setUp()
  t.deepEqual(told(1000), ['h1:11', 'h2:12'])
  t.deepEqual(told(2000), [])
  t.deepEqual(told(999 + halfHour), [])
  t.deepEqual(told(1000 + halfHour), ['h1:11', 'h2:12'])
  t.is(advertisements.sent, 4)
  const packet = readPacket(frames[0] ?? Buffer.alloc(0))
  t.like(packet, {
    macSource: router.mac,
    macDestination: '0a:00:00:00:00:02',
    source: router.address,
    destination: 'ff02::1',
    icmp: { type: 134, code: 0 },
  })
})

test('whoever is concerned by a change is told of it, nobody else', (t) => {
  const { commit, told } = setUp()
  told(0)
  commit(put('network', network('a/old', 2, { mtu: 1300 })))
  t.deepEqual(told(1), [])
  commit(put('workload', workload('a/two', 'a/lan', 3, { addresses: ['192.168.1.3', '2001:db8:1::3'] })))
  t.deepEqual(told(2), ['h2:12'])
  commit(put('network', lan({ mtu: 1300 })))
  t.deepEqual(told(3), ['h1:11', 'h2:12'])
  commit(put('port', port('h2', 'p1', 'a/one', 14)), { table: 'port', id: 'h1/p1' })
  t.deepEqual(told(4), ['h2:14'])
})

test('a workload that is gone is not told any more', (t) => {
  const { commit, told } = setUp()
  told(0)
  commit({ table: 'port', id: 'h1/p1' })
  t.deepEqual(told(1 + halfHour), ['h2:12'])
  commit({ table: 'workload', id: 'a/two' })
  t.deepEqual(told(2 + 2 * halfHour), [])
})

test('a host that comes back hears what it has missed', (t) => {
  let isConnected = false
  const { advertisements, told } = setUp(() => isConnected)
  t.deepEqual(told(0), [])
  t.is(advertisements.sent, 0)
  isConnected = true
  t.deepEqual(told(1), [])
  advertisements.reconnected('h2')
  t.deepEqual(told(2), ['h2:12'])
})

test('many that are due at once are told in turn', (t) => {
  const { commit, told } = setUp()
  told(0)
  const numbers = Array.from({ length: 120 }, (_, n) => n + 20)
  commit(
    ...numbers.map((n) => put('workload', workload(`a/w${n}`, 'a/lan', n))),
    ...numbers.map((n) => put('port', port('h1', `q${n}`, `a/w${n}`, n))),
  )
  t.deepEqual(
    [1, 2, 3, 4].map((ms) => told(ms).length),
    [50, 50, 20, 0],
  )
  t.deepEqual(
    [0, 1, 2, 3].map((ms) => told(halfHour + ms).length),
    [2, 50, 50, 20],
  )
})

test('who asks is answered where it is, or all nodes where it has no address yet', (t) => {
  const { advertisements, model } = setUp()
  const [one, of] = [model.get('workload', 'a/one'), model.get('network', 'a/lan')]
  const ask = (hex: string) => {
    const packet = readPacket(Buffer.from(hex, 'hex'))
    if (!packet || !one || !of) throw new Error('no question')
    const answer = advertisements.answer(packet, of, one)
    return answer instanceof Malformed ? 'malformed' : answer && readPacket(answer)?.destination
  }
  const { routerSolicitation: asked } = captured
  t.is(ask(asked), 'fe80::800:ff:fe00:2')
  const bare = asked.replace('00103aff', '00083aff').slice(0, -16)
  t.is(ask(bare.replace('fe80000000000000080000fffe000002', '0'.repeat(32))), 'ff02::1')
  t.is(ask(asked.replace('85006b2a', '85016b2a')), 'malformed')
})
