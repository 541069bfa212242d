import test from 'ava'
import fc from 'fast-check'
import { type ConnectionsByHost, execute } from '../../src/execution/index.js'
import { Cluster } from '../support/cluster.js'
import { Decoder, topologyOf } from '../support/execution.js'
import { isDelivered } from './cells.js'
import { Memory, packetOf, type Said, type Talk } from './memory.js'
import { members, world, worldChange } from './world.js'

const protocol = fc.constantFrom('tcp' as const, 'tcp' as const, 'udp' as const, 'ping' as const)
const what = fc.record({
  from: fc.constantFrom(...members),
  to: fc.constantFrom(...members),
  six: fc.boolean(),
  protocol,
  port: fc.constantFrom(22, 80, 443, 30_000),
})
const packets = fc.array(fc.record({ talk: fc.nat(3), forth: fc.boolean(), first: fc.boolean() }), {
  maxLength: 12,
})
const history = fc.record({
  talks: fc.uniqueArray(what, {
    ...{ minLength: 4, maxLength: 4 },
    selector: ({ from, to, six, protocol }) => [[from.id, to.id].sort(), six, protocol].join(),
  }),
  rounds: fc.array(fc.record({ changes: fc.array(worldChange, { maxLength: 4 }), packets }), {
    ...{ minLength: 2, maxLength: 8 },
  }),
})

/** A connection of the workloads as the model has them now; undefined where they have no addresses to talk by. */
function talkOf(
  cluster: Cluster,
  { from, to, six, protocol, port }: typeof what extends fc.Arbitrary<infer T> ? T : never,
): Talk | undefined {
  const address = (addresses: readonly string[]) => addresses.find((text) => text.includes(':') === six)
  const [source, destination] = [address(from.addresses), address(to.addresses)]
  const [sender, receiver] = [cluster.model.get('workload', from.id), cluster.model.get('workload', to.id)]
  if (!source || !destination || !sender || !receiver || sender === receiver) return undefined
  const name = protocol === 'ping' ? (six ? 'icmp6' : 'icmp') : protocol
  return { from: sender, to: receiver, source, destination, protocol: name, port }
}

test('packets of connections, while policies change, fare as the design says', (t) => {
  const decoder = new Decoder()
  const counts = new Map<string, number>()
  fc.assert(
    fc.property(history, ({ talks, rounds }) => {
      const cluster = new Cluster().commit(...world)
      const memory = new Memory(cluster)
      let connections: ConnectionsByHost = new Map()
      for (const { changes, packets } of rounds) {
        cluster.commit(...changes)
        const topology = topologyOf(cluster, decoder)
        for (const { talk: index, forth, first } of packets) {
          const made = talks[index]
          const talk = made && talkOf(cluster, made)
          if (!talk) continue
          const said: Said = { talk, forth, first: first && forth && talk.protocol === 'tcp' }
          const [sender, receiver] = forth ? [talk.from, talk.to] : [talk.to, talk.from]
          const placement = cluster.model.get('placement', sender.id)
          if (!placement) continue
          const arrival = {
            ...{ host: placement.host, port: placement.ofport },
            packet: { fields: packetOf(said), query: 7 },
          }
          const execution = execute(topology, arrival, connections)
          connections = execution.connections
          t.is(
            isDelivered(execution, receiver.id),
            memory.passes(said),
            `${sender.id} ${JSON.stringify(arrival.packet)}`,
          )
        }
      }
      for (const [kind, count] of memory.counts) counts.set(kind, (counts.get(kind) ?? 0) + count)
    }),
    { numRuns: 150 },
  )
  const kinds = [
    'reply passes',
    'reply dropped',
    'older passes',
    'older dropped',
    'kept',
    'cut',
    'allowed again',
  ]
  for (const kind of kinds) t.true((counts.get(kind) ?? 0) > 0, `${kind}: ${counts.get(kind)}`)
})
