import { reg } from '../../flows/registers.js'
import type { Model } from '../model/model.js'
import { peersOf } from '../model/peers.js'
import { Verdicts } from '../verdicts/verdicts.js'
import { type Bridges, numberIn, type PacketIn } from './bridges.js'
import { sendBy } from './send-by.js'
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
