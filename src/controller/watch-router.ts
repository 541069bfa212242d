import type { Logger } from 'pino'
import { routerMac } from '../../flows/addresses.js'
import { origin, reg } from '../../flows/registers.js'
import type { Model } from '../model/model.js'
import { Router } from '../router/router.js'
import { type Bridges, numberIn, type PacketIn } from './bridges.js'
import { sendBy } from './send-by.js'

const senders: ReadonlyMap<number, 'outside' | 'wire'> = new Map([
  [origin.outside, 'outside'],
  [origin.wire, 'wire'],
])

/** Brings together packets that cannot go on, and who tells their senders. */
export function watchRouter(model: Model, bridges: Bridges, log: Logger) {
  const router = new Router({
    model,
    mac: routerMac,
    send: (host, way, frame) => sendBy(bridges, host, way, frame),
    onAnswer: ({ host, kind, packet: { source, destination } }) =>
      log.debug({ host, kind, source, destination }, 'told a sender that its packet cannot go on'),
  })
  return {
    get figures() {
      return router.figures
    },
    stranded: (host: string, { userdata, packet, fields }: PacketIn) =>
      router.stranded(host, {
        userdata,
        frame: packet,
        port: numberIn(fields, 'inPort'),
        from: senders.get(numberIn(fields, reg.origin)) ?? 'workload',
        source: numberIn(fields, reg.source),
        network: numberIn(fields, reg.network),
        tenant: numberIn(fields, reg.tenant),
        gateway: numberIn(fields, reg.gateway),
      }),
  }
}
