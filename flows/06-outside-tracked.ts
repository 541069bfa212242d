import { drop, goto, reflect } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { family, transitAddress, transitBlocks } from './addresses.js'
import { echoReply, stranded, swapMacs } from './answers.js'
import { isShared } from './failover.js'
import { forwardedFragments, forwardingAt } from './forwarded-fragments.js'
import { release, turned } from './fragments.js'
import { at, insideOf, ipOf, openedTo, versions } from './gateways.js'
import { icmp6EchoRequest, icmpEchoRequest, tcpOngoing, tcpOpening, to, udp } from './protocols.js'
import { reg } from './registers.js'
import { scope, scopeOfAddress } from './scopes.js'
import { answers, opening, openingTranslated, outOfWindow } from './tracking.js'

/** After a gateway's own zone: answers have their transit address again, new connections need a forward. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.gateway,
      'ctState',
      'ctZone',
      'ctNwProto',
      'ctTpDst',
      'ipFrag',
      'ethType',
      'ipv4Dst',
      'ipv6Dst',
      'ipProto',
      'tcpFlags',
      'icmpv4Type',
      'icmpv6Type',
    ],
    sets: [
      'ethSrc',
      'ethDst',
      'ipv4Src',
      'ipv4Dst',
      'ipv6Src',
      'ipv6Dst',
      'icmpv4Type',
      'icmpv6Type',
      'ipTtl',
    ],
    next: ['outside-tracked', 'outside-transit'],
  },
  [
    rule(
      'answers',
      'cluster',
      () => scope.gateways,
      function* () {
        for (const version of versions)
          for (const ctState of [...answers, openingTranslated, outOfWindow])
            yield {
              priority: 200,
              match: { ctState, ...to(transitBlocks[version]) },
              actions: [goto('outside-transit')],
            }
      },
    ),
    rule(
      'forwarded port',
      'publishedPort',
      scopeOfAddress,
      function* ({ portForward, gateway: id, address }, model) {
        const [forward, gateway] = [model.get('portForward', portForward), model.get('gateway', id)]
        if (!forward || !gateway || !insideOf(forward, model)) return
        const { protocol, port, workloadPort } = forward
        yield {
          priority: 150,
          match: { ...at(gateway), ctState: opening, ...to(address), ...openedTo(protocol, port) },
          actions: [
            {
              type: 'ct',
              commit: true,
              zone: gateway.number,
              nat: {
                kind: 'dst',
                address: transitAddress(forward, family(address)),
                port: workloadPort,
              },
              table: 'outside-transit',
            },
          ],
        }
      },
    ),
    forwardedFragments('outside-tracked', 160),
    rule(
      'fragmented datagrams to ports that nobody has',
      'outsideAddress',
      scopeOfAddress,
      function* (outside, model) {
        const gateway = forwardingAt(outside, model)
        if (!gateway || isShared(gateway, model)) return
        yield {
          priority: 145,
          match: { ...at(gateway), ...to(outside.address), ...turned, ...udp },
          actions: [...stranded('closed', 'wire'), release(gateway.number)],
        }
      },
    ),
    rule(
      'ping of an address of a gateway',
      'outsideAddress',
      scopeOfAddress,
      function* ({ gateway: id, address }, model) {
        const gateway = model.get('gateway', id)
        if (!gateway) return
        const request = family(address) === 4 ? icmpEchoRequest : icmp6EchoRequest
        yield {
          priority: 100,
          match: { ...at(gateway), ...request, ...to(address) },
          actions: [...swapMacs, ...echoReply(address), reflect],
        }
      },
    ),
    rule(
      'ports that nobody has',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway, model) {
        // A datagram may belong to a flow that another host has carried: its workload can take it up.
        const protocols = isShared(gateway, model) ? [tcpOpening] : [tcpOpening, udp]
        for (const version of versions)
          for (const protocol of protocols)
            yield {
              priority: 50,
              match: { ...at(gateway), ctState: opening, ...ipOf[version], ...protocol },
              actions: stranded('closed', 'wire'),
            }
      },
    ),
    rule(
      'segments of connections that are not known here',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        for (const version of versions)
          yield {
            priority: 50,
            match: { ...at(gateway), ctState: opening, ...ipOf[version], ...tcpOngoing },
            actions: stranded('orphaned', 'wire'),
          }
      },
    ),
    rule(
      'connections that nobody inside has opened',
      'gateway',
      ({ id }) => scope.gateway(id),
      function* (gateway) {
        yield { priority: 1, match: at(gateway), actions: drop }
      },
    ),
  ],
)
