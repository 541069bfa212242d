import test from 'ava'
import pino from 'pino'
import { Model } from '../../src/model/model.js'
import { Silences } from '../../src/stations/silences.js'
import { twoTenants, vlans } from '../support/cluster.js'

function setUp() {
  const model = new Model()
  model.commit([...twoTenants, ...vlans])
  const heard = new Set(['h1', 'h2', 'h3'])
  const silences = new Silences({
    model,
    isHeard: (host) => heard.has(host),
    onChanges: (changes) => model.commit(changes),
    log: pino({ level: 'silent' }),
  })
  const speaker = () => model.by('wiresByNetwork', 'v/five').find(({ speaks }) => speaks)?.host
  return { model, heard, silences, speaker }
}

test('another host speaks for a router on a VLAN when nothing is heard of the one that did, until it is back', (t) => {
  const { model, heard, silences, speaker } = setUp()
  silences.check(0)
  t.is(speaker(), 'h1')
  heard.delete('h1')
  silences.check(4999)
  t.is(speaker(), 'h1')
  silences.check(5000)
  t.is(speaker(), 'h2')
  t.is(model.get('wire', 'v/five@h3')?.via, 'h2')
  heard.add('h1')
  silences.check(5100)
  t.is(speaker(), 'h1')
})

test('when nothing is heard of any host, all stays', (t) => {
  const { heard, silences, speaker } = setUp()
  heard.clear()
  for (let now = 0; now < 60_000; now += 1000) silences.check(now)
  t.is(speaker(), 'h1')
})

test('without networks on VLANs, and of hosts that are gone, nothing is kept', (t) => {
  const { model, heard, silences } = setUp()
  heard.clear()
  silences.check(0)
  silences.check(10_000)
  t.is([...model.rows('silence')].length, 3)
  model.commit([{ table: 'host', id: 'h3' }])
  silences.check(10_001)
  t.is([...model.rows('silence')].length, 2)
  model.commit(['v/five', 'v/ten'].map((id) => ({ table: 'network' as const, id })))
  silences.check(10_002)
  t.is([...model.rows('silence')].length, 0)
})
