import type { IpPacket } from '../frames/packet.js'
import { protocol } from '../frames/protocols.js'
import type { Model } from '../model/model.js'
import { addressAt, egressAddress, versionOf } from '../model/outside.js'
import type { GatewayRow, WorkloadRow } from '../model/rows.js'

/** What stations outside know a workload by; without port: by its own. */
export interface OutsideFace {
  readonly address: string
  readonly port?: number
}

/**
 * What a packet that a station outside has sent to a workload, by way of a host that carries the gateway, was for: a
 * forwarded port, or the floating address.
 */
export function publicFace(
  packet: IpPacket,
  workload: WorkloadRow,
  gateway: GatewayRow,
  host: string,
  model: Model,
): OutsideFace | undefined {
  const version = versionOf(packet.destination)
  const isHere = (row: { readonly gateway: string; readonly address: string }) =>
    row.gateway === gateway.id && versionOf(row.address) === version
  const forward = model
    .by('portForwardsByWorkload', workload.id)
    .find(
      (row) =>
        isHere(row) &&
        protocol[row.protocol] === packet.protocol &&
        row.workloadPort === packet.ports?.destination,
    )
  const address = forward && addressAt(gateway, forward.address, host)
  if (forward && address !== undefined) return { address, port: forward.port }
  const floating = model.by('floatingIpsByWorkload', workload.id).find(isHere)
  return floating && { address: floating.address }
}

/** What a workload is known by where it has opened the connection. Conntrack keeps its port wherever it can. */
export function leavingFace(
  { destination }: IpPacket,
  workload: WorkloadRow,
  model: Model,
): OutsideFace | undefined {
  const version = versionOf(destination)
  const own = model.by('exitsByWorkload', `${workload.id}#${version}`)[0]
  const egress = model
    .by('egressesByTenant', workload.tenant)
    .find((row) => (own ? row.translation === own.translation : row.select === undefined))
  const address = egress && egressAddress(egress, version, model)
  return address === undefined ? undefined : { address }
}
