import outsideTransit from '../../flows/07-outside-transit.js'
import sharedLimitIn from '../../flows/09-shared-limit-in.js'
import router from '../../flows/40-router.js'
import answer from '../../flows/77-answer.js'
import tenantNat from '../../flows/82-tenant-nat.js'
import uplink from '../../flows/86-uplink.js'
import deliver from '../../flows/99-deliver.js'
import { origin, part, reg } from '../../flows/registers.js'
import type { OpenFlowSwitch } from '../datapath/openflow-switch.js'
import type { WorkloadPort } from '../model/workload-port.js'
import type { Way } from '../router/way.js'
import type { Bridges } from './bridges.js'

/**
 * Sends a frame at a host's bridge; false when the switch is not connected. What goes through its tables is judged no more
 * at this host's egress.
 */
export function sendBy(bridges: Bridges, host: string, way: Way, frame: Buffer): boolean {
  const device = bridges.get(host)?.device
  if (!device) return false
  if ('port' in way) {
    if (way.workload) answerTo(device, way, frame)
    else device.sendFrame(way.port, frame)
  } else if ('network' in way)
    device.sendToTable(
      router.number,
      [
        [reg.network, way.network],
        [reg.tenant, way.tenant],
      ],
      frame,
    )
  else if ('transit' in way)
    device.sendToTable(
      outsideTransit.number,
      [
        [reg.gateway, way.transit],
        [reg.origin, origin.outside],
      ],
      frame,
    )
  else if ('inside' in way)
    device.sendToTable(
      sharedLimitIn.number,
      [
        [reg.tenant, way.inside],
        [reg.gateway, way.gateway],
        [reg.origin, origin.outside],
      ],
      frame,
    )
  else if ('wire' in way) device.sendToTable(uplink.number, [[reg.gateway, way.wire]], frame)
  else
    device.sendToTable(
      tenantNat.number,
      [
        [reg.tenant, way.tenant],
        [reg.gateway, way.gateway],
      ],
      frame,
    )
  return true
}

/**
 * As what flows answer on the spot: with the workload's tag, and with copies where its packets are copied. Where it may be
 * about a service, like a packet of another workload.
 */
function answerTo(device: OpenFlowSwitch, { port, workload, served }: WorkloadPort, frame: Buffer): void {
  const tag = workload.trunk?.tag ?? 0
  if (served === undefined)
    device.sendToTable(
      answer.number,
      [
        [reg.source, workload.key],
        [part.tag.field, BigInt(tag) << BigInt(part.tag.offset)],
      ],
      frame,
      port,
    )
  else
    device.sendToTable(
      deliver.number,
      [
        [reg.tenant, served],
        [reg.destination, workload.key],
        [part.port.field, BigInt(port) | (BigInt(tag) << BigInt(part.tag.offset))],
      ],
      frame,
    )
}
