import type { Logger } from 'pino'
import { routerMac } from '../../flows/addresses.js'
import { origin, reg } from '../../flows/registers.js'
import type { Model } from '../model/model.js'
import { Router } from '../router/router.js'
import { type Bridges, numberIn, type PacketIn } from './bridges.js'
import { sendBy } from './send-by.js'

/** Brings together packets that cannot go on, and who tells their senders. */
export function watchRouter(model: Model, bridges: Bridges, now: () => number, log: Logger) {
  const router = new Router({
    model,
    mac: routerMac,
    now,
    send: (host, way, frame) => sendBy(bridges, host, way, frame),
    onAnswer: ({ host, kind, packet: { source, destination } }) =>
      log.debug({ host, kind, source, destination }, 'told a sender that its packet cannot go on'),
    onHandOn: (host, { address, port }, { source }) =>
      log.debug(
        { host, source, address, port },
        'handed a segment on to the workload that has its connection',
      ),
  })
  return {
    get figures() {
      return router.figures
    },
    mapped: (host: string, { packet: frame, fields }: PacketIn) =>
      router.connections.mapped(host, {
        frame,
        gateway: numberIn(fields, reg.gateway),
        tenant: numberIn(fields, reg.tenant),
        before: {
          address: String(fields.ctNwSrc ?? fields.ctIpv6Src),
          port: numberIn(fields, 'ctTpSrc'),
        },
      }),
    stranded: (host: string, { userdata, packet, fields }: PacketIn) =>
      router.stranded(host, {
        userdata,
        frame: packet,
        port: numberIn(fields, 'inPort'),
        from: senderOf(fields),
        source: numberIn(fields, reg.source),
        network: numberIn(fields, reg.network),
        tenant: numberIn(fields, reg.tenant),
        gateway: numberIn(fields, reg.gateway),
      }),
  }
}

/** At a router what has come from a VLAN is told from what workloads send only by having no workload as its source. */
function senderOf(fields: PacketIn['fields']): 'outside' | 'wire' | 'workload' {
  if (numberIn(fields, reg.origin) === origin.outside) return 'outside'
  return numberIn(fields, reg.source) === 0 ? 'wire' : 'workload'
}
