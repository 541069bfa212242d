import router from '../../flows/40-router.js'
import { reg } from '../../flows/registers.js'
import type { Model } from '../model/model.js'
import { peersOf } from '../model/peers.js'
import type { Match } from '../openflow/index.js'
import { Verdicts, type Way } from '../verdicts/verdicts.js'
import type { Bridges, PacketIn } from './bridges.js'
import type { VerdictLog } from './verdict-log.js'

/** Brings together what switches tell of verdicts, and who does something about it. */
export function watchVerdicts(model: Model, bridges: Bridges, log: VerdictLog) {
  const verdicts = new Verdicts({
    model,
    peersOf: function* (tenant) {
      for (const peer of peersOf(tenant, model)) yield peer.tenant
    },
    send: (host, way, frame) => sendBy(bridges, host, way, frame),
    onJudgement: (judgement) => log.note(judgement),
  })
  return {
    get figures() {
      return verdicts.figures
    },
    judged: (host: string, { userdata, packet, fields }: PacketIn) =>
      verdicts.judged(host, {
        userdata,
        frame: packet,
        port: numberIn(fields, 'inPort'),
        source: numberIn(fields, reg.source),
        destination: numberIn(fields, reg.destination),
      }),
  }
}

/** A field that a switch leaves out is zero. */
function numberIn(fields: Match, name: 'inPort' | typeof reg.source | typeof reg.destination): number {
  const value = fields[name]
  return typeof value === 'number' ? value : 0
}

/** What goes by a router is routed like a packet of the workload that judged, and is judged no more at this host's egress. */
function sendBy(bridges: Bridges, host: string, way: Way, frame: Buffer): void {
  const device = bridges.get(host)?.device
  if ('port' in way) device?.sendFrame(way.port, frame)
  else
    device?.sendToTable(
      router.number,
      [
        [reg.network, way.network],
        [reg.tenant, way.tenant],
      ],
      frame,
    )
}
