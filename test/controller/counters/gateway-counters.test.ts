import test from 'ava'
import { pino } from 'pino'
import { GatewayCounterReader } from '../../../src/controller/counters/gateway-counters.js'
import { ConnectionClosed } from '../../../src/openflow/index.js'
import { Cluster, severalHosts, twoTenants } from '../../support/cluster.js'

/** What each flow of a table and rule has counted, in packets of 100 bytes, by host. */
type Counted = Readonly<Record<string, Readonly<Record<string, number>>>>

const sent = 'gateway-nat outside address for a tenant'
const received = 'outside-transit answers to a tenant'
const refused = 'gateway-nat connections that get no address'
const dropped = 'outside-transit packets that conntrack refused'
/** Two tenants, each with both IP versions, have as many flows of the first two. */
const flows = 4

/** A gateway on two hosts whose switches say what a test wants. */
function setUp() {
  const cluster = new Cluster().commit(...twoTenants, ...severalHosts)
  const units = new Map(Array.from(cluster.engine.units(), (unit) => [unit.id, unit]))
  const lines: { msg: string; packets?: string }[] = []
  const log = pino({}, { write: (line) => lines.push(JSON.parse(line)) })
  const state: { counted: Counted; failure?: Error } = { counted: {} }
  const readCounts =
    (host: string) => async (table: number, each: (key: string, packets: bigint, bytes: bigint) => void) => {
      if (state.failure) throw state.failure
      for (const [key, , id] of cluster.flows(host)) {
        const unit = units.get(id)
        const packets = state.counted[host]?.[`${unit?.table.name} ${unit?.rule.name}`] ?? 0
        if (key.charCodeAt(0) === table) each(key, BigInt(packets), BigInt(100 * packets))
      }
    }
  const get = (host: string) => state.counted[host] && { host, device: { readCounts: readCounts(host) } }
  const reader = new GatewayCounterReader(cluster.engine, { get }, log)
  const read = async (counted: Counted) => {
    state.counted = counted
    const all = await reader.read()
    return all.map((of) => [
      of.gateway,
      ...[of.sent, of.received, of.refused].map(({ packets }) => Number(packets)),
    ])
  }
  return { cluster, read, reader, state, lines }
}

test('packets of all hosts and flows of a gateway add up, those refused apart', async (t) => {
  const { read, reader } = setUp()
  const h1 = { [sent]: 10, [received]: 7, [refused]: 2, [dropped]: 1 }
  t.deepEqual(await read({ h1, h2: { [sent]: 5 } }), [['out', flows * 15, flows * 7, 3]])
  t.deepEqual((await reader.read())[0]?.sent, { packets: '60', bytes: '6000' })
})

test('a second reading adds what is new; flows that were put in anew count from nothing', async (t) => {
  const { read } = setUp()
  await read({ h1: { [sent]: 10 } })
  t.deepEqual(await read({ h1: { [sent]: 12 } }), [['out', flows * 12, 0, 0]])
  t.deepEqual(await read({ h1: { [sent]: 1 } }), [['out', flows * 13, 0, 0]])
})

test('a host that is away keeps what it has counted', async (t) => {
  const { read } = setUp()
  await read({ h1: { [sent]: 10 }, h2: { [sent]: 1 } })
  t.deepEqual(await read({ h2: { [sent]: 3 } }), [['out', flows * 13, 0, 0]])
  t.deepEqual(await read({ h1: { [sent]: 11 }, h2: { [sent]: 3 } }), [['out', flows * 14, 0, 0]])
})

test('connections that find no port are told of once', async (t) => {
  const { read, lines } = setUp()
  await read({ h1: { [sent]: 10 } })
  t.deepEqual(lines, [])
  await read({ h1: { [refused]: 3 } })
  await read({ h1: { [refused]: 3 } })
  t.like(lines, [{ msg: 'packets found no port at a gateway', gateway: 'out', packets: '3' }])
})

test('a switch that cannot be read is told of, unless it has gone', async (t) => {
  const { read, state, lines } = setUp()
  await read({ h1: { [sent]: 10 } })
  state.failure = new ConnectionClosed('peer')
  t.deepEqual(await read({ h1: { [sent]: 12 } }), [['out', flows * 10, 0, 0]])
  t.deepEqual(lines, [])
  state.failure = new Error('nonsense')
  await read({ h1: { [sent]: 12 } })
  t.like(lines, [{ msg: 'counters of gateways could not be read', host: 'h1' }])
})

test('a gateway that goes takes its counts with it', async (t) => {
  const { cluster, read } = setUp()
  await read({ h1: { [sent]: 10 } })
  const gateway = cluster.model.get('gateway', 'out')
  cluster.commit({ table: 'gateway', id: 'out' })
  t.deepEqual(await read({}), [])
  if (gateway) cluster.commit({ table: 'gateway', id: 'out', row: gateway })
  t.deepEqual(await read({}), [['out', 0, 0, 0]])
})
