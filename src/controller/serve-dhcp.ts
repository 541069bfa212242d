import type { Logger } from 'pino'
import { routerMac } from '../../flows/addresses.js'
import { packetInReasons } from '../../flows/answers.js'
import { reg } from '../../flows/registers.js'
import { type DhcpNote, DhcpService } from '../dhcp/service.js'
import type { Model } from '../model/model.js'
import type { Bridges, PacketIn } from './bridges.js'
import { sendBy } from './send-by.js'
import type { SparingLog } from './sparing-log.js'

/** Brings together what switches pass on of DHCP, and who answers it. */
export function serveDhcp(model: Model, bridges: Bridges, log: Logger, sparing: SparingLog) {
  const service = new DhcpService({
    model,
    mac: routerMac,
    send: (host, way, frame) => sendBy(bridges, host, way, frame),
    note: ({ event, host, workload, text }: DhcpNote) => {
      const fields = { host, workload: workload.id, event }
      if (event === 'leased') log.info(fields, text)
      else sparing.warn(`${event} ${workload.id}`, fields, text)
    },
  })
  return {
    get figures() {
      return service.figures
    },
    /** Takes a packet that a switch sent for this; false: it was sent for something else. */
    packetIn: (host: string, { userdata: [reason], packet: frame, fields }: PacketIn): boolean => {
      const { inPort: port, [reg.source]: source } = fields
      if (typeof port !== 'number' || typeof source !== 'number') return false
      if (reason === packetInReasons.dhcp) service.asked(host, { frame, port, source })
      else if (reason === packetInReasons.dhcpServer) service.served(host, source)
      else return false
      return true
    },
  }
}
