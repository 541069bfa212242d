import { everything } from '../../src/model/index-definitions.js'
import type { Match } from '../../src/openflow/flow.js'
import { call, drop, goto, set, setPart } from '../../src/pipeline/actions.js'
import { type RuleAction, type RuleFlow, rule, type TableParts } from '../../src/pipeline/table.js'
import { turnAround, turned } from '../fragments.js'
import { icmp6EchoReply, icmpEchoReply, ipv4, ipv6, isWhole, tcp, udp } from '../protocols.js'
import { mark, part, question, reg, ruleId } from '../registers.js'
import { isUnsettled, scope, scopeOfPolicy } from '../scopes.js'
import { bit, original as originalState } from '../tracking.js'
import { asksForPorts, labelled, type Side, sides } from './side.js'

const { tracked: trk, reply: rpl, invalid: inv, related: rel } = bit
const reply = state(trk | rpl, inv)
const related = state(trk | rel, rpl | inv)
const original = { ctState: originalState }
const opening = state(trk | bit.new, rpl | inv | rel)
const invalid = state(trk | inv)

/** What the state of a connection says of a packet: replies pass or not, what goes the first way is judged anew. */
export function tracked(side: Side): TableParts {
  const { name, other, next } = side
  const pass = [goto(next)]
  return [
    {
      matches: [
        reg.tenant,
        'ctState',
        'ctZone',
        'ctLabel',
        'ethType',
        'ipFrag',
        'ipProto',
        'tcpSrc',
        'tcpDst',
        'tcpFlags',
        'udpSrc',
        'udpDst',
        'icmpv4Type',
        'icmpv6Type',
      ],
      sets: [
        part.question.field,
        'ipv4Src',
        'ipv4Dst',
        'ipv6Src',
        'ipv6Dst',
        'tcpSrc',
        'tcpDst',
        'icmpv4Type',
        'icmpv6Type',
      ],
      next: [`${name}-tracked`, `${name}-peer`, `${name}-verdict`, `${other}-peer`, next],
    },
    [
      rule('replies to what a rule has admitted', 'rule', scopeOfPolicy, function* (row) {
        if (row.action !== 'allow' || row.direction !== other) return
        const id = ruleId(row.number, row.index)
        const half = labelled(sides[other], (mark.admitted | id) >>> 0, ~mark.keep >>> 0)
        yield { priority: 300, match: { ...reply, ...half }, actions: pass }
      }),
      rule(
        'replies to what was admitted',
        'cluster',
        () => scope.guarded,
        function* () {
          const back = labelled(sides[other], mark.admitted, mark.admitted)
          const forth = labelled(side, mark.admitted, mark.admitted)
          yield { priority: 200, match: { ...reply, ...back }, actions: pass }
          yield { priority: 200, match: { ...related, ...forth }, actions: pass }
        },
      ),
      rule(
        'tenants that policy concerned a moment ago',
        'cluster',
        () => scope.all,
        // Megaflows change one by one: some still look connections up when no policy is left.
        function* () {
          yield { priority: 0, match: {}, actions: pass }
        },
      ),
      rule(
        'packets of no admitted connection',
        'tenant',
        ({ id }) => scope.guard(id),
        function* ({ number }) {
          yield { priority: 1, match: { [reg.tenant]: number }, actions: drop }
        },
      ),
      rule(
        'datagrams that answer what was admitted',
        'cluster',
        () => scope.guarded,
        function* () {
          const back = labelled(sides[other], mark.admitted, mark.admitted)
          for (const ends of addressesOf)
            yield {
              priority: 310,
              match: { ...reply, ...back, ...ends.family, ...udp, ...isWhole },
              actions: askTurned(side, ends.swapped),
            }
        },
      ),
      rule(
        'answers of connections that conntrack does not know',
        'cluster',
        () => scope.guarded,
        function* () {
          for (const { family, swapped } of addressesOf)
            for (const unknown of [
              { ...opening, tcpFlags: { value: 0, mask: flag.syn } },
              { ...invalid, tcpFlags: { value: flag.ack, mask: flag.ack } },
            ])
              yield {
                priority: 75,
                match: { ...family, ...tcp, ...unknown, ...clientPort('tcpSrc', 'tcpDst') },
                actions: askTurned(side, [...swapped, ...swap('tcpSrc', 'tcpDst', 16)]),
              }
        },
      ),
      rule(
        'what may answer connections older than policy',
        'tenant',
        ({ id }) => scope.guard(id),
        function* ({ id, number }, model) {
          if (isUnsettled(id, model)) yield* early(side, { [reg.tenant]: number })
        },
      ),
      rule(
        'what may answer connections older than policies of all',
        'cluster',
        () => scope.guarded,
        function* (_cluster, model) {
          if (isUnsettled(everything, model)) yield* early(side, {})
        },
      ),
      rule(
        'fragments that rules with ports judge',
        'tenant',
        ({ id }) => scope.guard(id),
        function* ({ id, number }, model) {
          if (asksForPorts(side, id, model)) yield* fragments(side, { [reg.tenant]: number })
        },
      ),
      rule(
        'fragments that rules with ports of all judge',
        'cluster',
        () => scope.guarded,
        function* (_cluster, model) {
          if (asksForPorts(side, everything, model)) yield* fragments(side, {})
        },
      ),
      rule(
        'packets that rules judge',
        'cluster',
        () => scope.guarded,
        function* () {
          const judge = [goto(`${name}-peer`)]
          yield { priority: 50, match: original, actions: judge }
          for (const family of [ipv4, ipv6])
            yield { priority: 50, match: { ...family, ...tcp, ...invalid, tcpFlags: midway }, actions: judge }
        },
      ),
    ],
  ]
}

/**
 * Asks the rules of the other direction about the packet turned around: for answers, which are only as good as what they
 * answer. Datagrams, because nothing else need ever come the first way again. TCP that conntrack has never seen, from a
 * service's port to a client's, because its first way is the other one; and what is out of conntrack's windows, because
 * it was not tracked while the tenant had no policy. Neither is committed: the first packet of the other way is.
 */
function askTurned(
  { name, other }: Side,
  swapped: readonly RuleAction[],
  back = swapped,
): readonly RuleAction[] {
  return [
    ...swapped,
    setPart(part.question, question.asked),
    call(`${other}-peer`),
    ...back,
    goto(`${name}-verdict`),
  ]
}

/** Turns fragments around and has the first one judged. */
function* fragments({ name }: Side, at: Match): Generator<RuleFlow> {
  for (const family of [ipv4, ipv6])
    yield* turnAround(`${name}-tracked`, part.zone, { ...at, ...family }, original, 55)
  yield { priority: 56, match: { ...at, ...turned }, actions: [goto(`${name}-peer`)] }
}

/**
 * While conntrack may still see answers before it has seen what they answer, megaflows being changed one by one: datagrams
 * from a service's port to a client's, which must not begin a connection of the wrong direction, and echo replies, which
 * begin none.
 */
function* early(side: Side, at: Match): Generator<RuleFlow> {
  const priority = Object.keys(at).length > 0 ? 78 : 77
  for (const { family, swapped } of addressesOf)
    yield {
      priority,
      match: { ...at, ...family, ...udp, ...opening, ...clientPort('udpSrc', 'udpDst') },
      actions: askTurned(side, swapped),
    }
  for (const [{ swapped }, of, field, request, answer] of [
    [addressesOf[0], icmpEchoReply, 'icmpv4Type', 8, 0],
    [addressesOf[1], icmp6EchoReply, 'icmpv6Type', 128, 129],
  ] as const)
    yield {
      priority,
      match: { ...at, ...of, ...invalid },
      actions: askTurned(side, [...swapped, set(field, request)], [...swapped, set(field, answer)]),
    }
}

/** Flags of TCP segments (RFC 9293 §3.1). */
const flag = { syn: 0x02, ack: 0x10 } as const

/** Segments that neither open a connection nor answer its opening. */
const midway = { value: flag.ack, mask: flag.ack | flag.syn } as const

/** The bit that ports have from 32,768 on, where Linux takes those of clients from. */
const clientPorts = 0x8000

/** From the port of a service to that of a client. */
function clientPort(source: 'tcpSrc' | 'udpSrc', destination: 'tcpDst' | 'udpDst'): Match {
  return {
    [source]: { value: 0, mask: clientPorts },
    [destination]: { value: clientPorts, mask: clientPorts },
  }
}

type Swapped = 'ipv4Src' | 'ipv4Dst' | 'ipv6Src' | 'ipv6Dst' | 'tcpSrc' | 'tcpDst'

function swap(one: Swapped, other: Swapped, bits: number): readonly RuleAction[] {
  const [a, b] = [
    { field: one, offset: 0, bits },
    { field: other, offset: 0, bits },
  ]
  return [
    { type: 'push', src: a },
    { type: 'move', src: b, dst: a },
    { type: 'pop', dst: b },
  ]
}

/** How the addresses of a packet of each family are swapped. */
const addressesOf = [
  { family: ipv4, swapped: swap('ipv4Src', 'ipv4Dst', 32) },
  { family: ipv6, swapped: swap('ipv6Src', 'ipv6Dst', 128) },
] as const

/** Packets with all of some bits of the conntrack state set, and all of some others clear. */
function state(set: number, clear = 0): Match {
  return { ctState: { value: set, mask: set | clear } }
}
