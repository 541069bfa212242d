import outsideTransit from '../../flows/07-outside-transit.js'
import router from '../../flows/40-router.js'
import tenantNat from '../../flows/82-tenant-nat.js'
import uplink from '../../flows/86-uplink.js'
import deliver from '../../flows/99-deliver.js'
import { origin, part, reg } from '../../flows/registers.js'
import { tagged } from '../frames/headers.js'
import type { Way } from '../router/way.js'
import type { Bridges } from './bridges.js'

/** Sends a frame at a host's bridge. What goes through its tables is judged no more at this host's egress. */
export function sendBy(bridges: Bridges, host: string, way: Way, frame: Buffer): void {
  const device = bridges.get(host)?.device
  if ('port' in way && way.served)
    device?.sendToTable(
      deliver.number,
      [
        [reg.tenant, way.served.tenant],
        [reg.destination, way.served.workload],
        [part.port.field, BigInt(way.port) | (BigInt(way.tag ?? 0) << BigInt(part.tag.offset))],
      ],
      frame,
    )
  else if ('port' in way) device?.sendFrame(way.port, tagged(frame, way.tag))
  else if ('network' in way)
    device?.sendToTable(
      router.number,
      [
        [reg.network, way.network],
        [reg.tenant, way.tenant],
      ],
      frame,
    )
  else if ('transit' in way)
    device?.sendToTable(
      outsideTransit.number,
      [
        [reg.gateway, way.transit],
        [reg.origin, origin.outside],
      ],
      frame,
    )
  else if ('wire' in way) device?.sendToTable(uplink.number, [[reg.gateway, way.wire]], frame)
  else
    device?.sendToTable(
      tenantNat.number,
      [
        [reg.tenant, way.tenant],
        [reg.gateway, way.gateway],
      ],
      frame,
    )
}
