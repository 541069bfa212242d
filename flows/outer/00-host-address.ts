import { call, output, set } from '../../src/pipeline/actions.js'
import { type RuleAction, rule, table } from '../../src/pipeline/table.js'
import { isShared } from '../failover.js'
import { insideOf, isEchoed } from '../gateways.js'
import { bitRuns } from '../policy/ports.js'
import { arp, bfdControl, icmp, ipv4, isFragment, tcp, udp } from '../protocols.js'
import { answers, bit, opening } from '../tracking.js'
import { type SharedAddress, scopeOfShared, sharedAddress } from './shared-address.js'

const name = 'host-address'
/** OpenFlow's reserved port: the host's own device on the bridge (OpenFlow 1.5.1, §7.2.1). */
const local = 0xfffffffe
/** Whether the packet has been here: if so, the operator's flows are next. */
const unseen = { reg15: 0 } as const
const seen = { reg15: 0x736c } as const
const see = set('reg15', seen.reg15)
/** Marks connections that the host itself has begun, with a datagram from a forwarded port. */
const ofHost = { type: 'setField', field: 'ctMark', value: 1 } as const
const notOfHost = { ctMark: 0 } as const
/** Above what an operator writes: that is 32,768 where he does not say. */
const priority = {
  leaving: 65_005,
  echo: 65_004,
  fragment: 65_003,
  first: 65_002,
  opening: 65_001,
  rest: 65_000,
} as const
/** The first packet of a TCP connection: SYN without ACK (RFC 9293, section 3.1). */
const tcpOpening = { tcpFlags: { value: 0x002, mask: 0x012 } } as const

/** On an operator's bridge: who gets a packet, the host or workloads that share its address. */
export default table(
  import.meta.url,
  {
    matches: [
      'reg15',
      'inPort',
      'ctState',
      'ctZone',
      'ctMark',
      'ethSrc',
      'ethType',
      'arpOp',
      'arpTpa',
      'ipv4Src',
      'ipv4Dst',
      'ipProto',
      'ipFrag',
      'tcpDst',
      'tcpFlags',
      'udpSrc',
      'udpDst',
    ],
    sets: ['reg15', 'inPort16', 'ethSrc', 'ethDst'],
    next: [name],
  },
  [
    rule(
      'from workloads: as if the host had sent it',
      'outsideAddress',
      scopeOfShared,
      function* (row, model) {
        const shared = sharedAddress(row, model)
        if (!shared) return
        const { gateway, address, port, mac } = shared
        yield {
          priority: priority.leaving,
          match: { inPort: port, ethSrc: gateway.mac, ...ipv4, ipv4Src: address },
          // A resubmit from the port would not do: what is learned of the packet would be of ours.
          actions: [set('ethSrc', mac), see, set('inPort16', local & 0xffff), call(name)],
        }
      },
    ),
    rule('where stations outside are, to both', 'outsideAddress', scopeOfShared, function* (row, model) {
      const shared = sharedAddress(row, model)
      if (!shared) return
      yield {
        priority: priority.first,
        match: { ...unseen, ...arp, arpOp: 2, arpTpa: shared.address },
        actions: [see, output(shared.port), call(name)],
      }
    }),
    rule('to the address: whose connection is it?', 'outsideAddress', scopeOfShared, function* (row, model) {
      const shared = sharedAddress(row, model)
      if (!shared) return
      const here = { ...unseen, ...ipv4, ipv4Dst: shared.address }
      const actions = lookUp(shared)
      yield { priority: priority.fragment, match: { ...here, ...isFragment }, actions }
      yield { priority: priority.first, match: { ...here, ...icmp }, actions }
      for (const run of bitRuns(...shared.ports)) {
        yield { priority: priority.first, match: { ...here, ...tcp, tcpDst: run }, actions }
        yield { priority: priority.first, match: { ...here, ...udp, udpDst: run }, actions }
      }
    }),
    rule(
      'sent back by the next hop: who carries the gateway?',
      'outsideAddress',
      scopeOfShared,
      function* (row, model) {
        const shared = sharedAddress(row, model)
        if (!shared || !isShared(shared.gateway, model) || !isEchoed(shared.gateway, model)) return
        const { address } = shared
        yield {
          priority: priority.echo,
          match: { ...unseen, ...bfdControl, ipv4Src: address, ipv4Dst: address },
          actions: take(shared),
        }
      },
    ),
    rule('of workloads', 'outsideAddress', scopeOfShared, function* (row, model) {
      const shared = sharedAddress(row, model)
      if (!shared) return
      for (const ctState of answers)
        yield {
          priority: priority.first,
          match: { ...looked(shared), ctState, ...notOfHost },
          actions: take(shared),
        }
    }),
    rule('forwarded port', 'publishedPort', scopeOfShared, function* (row, model) {
      const [forward, shared] = [model.get('portForward', row.portForward), sharedAddress(row, model)]
      if (!forward || !shared || !insideOf(forward, model)) return
      const { gateway, address } = shared
      const { protocol, port } = forward
      const ofPort = protocol === 'tcp' ? { ...tcp, tcpDst: port } : { ...udp, udpDst: port }
      yield {
        priority: priority.first,
        match: { ...unseen, ...ipv4, ipv4Dst: address, ...ofPort },
        actions: lookUp(shared),
      }
      yield {
        priority: priority.opening,
        match: {
          ...looked(shared),
          ctState: opening,
          ...notOfHost,
          ...ipv4,
          ...ofPort,
          ...(protocol === 'tcp' && tcpOpening),
        },
        actions: take(shared),
      }
      if (protocol === 'udp')
        // TCP tells an answer to the host from a new connection; of datagrams only conntrack can.
        yield {
          priority: priority.leaving,
          match: { ...unseen, inPort: local, ...ipv4, ipv4Src: address, ...udp, udpSrc: port },
          actions: [see, { type: 'ct', commit: true, zone: gateway.number, exec: [ofHost] }, call(name)],
        }
    }),
    rule('of the host', 'outsideAddress', scopeOfShared, function* (row, model) {
      const shared = sharedAddress(row, model)
      if (shared)
        yield {
          priority: priority.rest,
          match: { ...looked(shared), ctState: { value: bit.tracked, mask: bit.tracked } },
          actions: [{ type: 'ctClear' }, call(name)],
        }
    }),
  ],
)

/** Asks the gateway's zone, which knows the connections of workloads. */
function lookUp({ gateway: { number: zone } }: SharedAddress): readonly RuleAction[] {
  return [see, { type: 'ct', zone, table: name }]
}

/** Packets that come from there. */
function looked({ gateway: { number } }: SharedAddress) {
  return { ...seen, ctZone: number }
}

/** Hands the packet to the gateway. */
function take({ gateway: { mac }, port }: SharedAddress): readonly RuleAction[] {
  return [set('ethDst', mac), output(port)]
}
