import { hostsOf } from '../../flows/gateways.js'
import type { Model } from '../model/model.js'
import { peersOf } from '../model/peers.js'
import type { Change } from '../model/rows.js'

/**
 * The hosts that a host exchanges packets with: those that run workloads of a tenant that it runs workloads of, or of a
 * peer; those of gateways that such a tenant leaves by, and the other way round; those that it watches by BFD.
 */
export function* othersOf(host: string, model: Model): Generator<string> {
  if (!model.get('host', host)) return
  for (const tenant of model.by('tenantsOnHost', host)) {
    yield* model.by('hostsOfTenant', tenant)
    for (const { gateway: id } of model.by('outletsByTenant', tenant)) {
      const gateway = model.get('gateway', id)
      if (gateway) yield* hostsOf(gateway, model)
    }
    for (const peer of peersOf(tenant, model)) yield* model.by('hostsOfTenant', peer.tenant)
  }
  for (const gateway of model.by('gatewaysByHost', host))
    for (const { tenant } of model.by('outletsByGateway', gateway.id))
      yield* model.by('hostsOfTenant', tenant)
  for (const { host: one, other } of model.by('sessionsByHost', host)) yield one === host ? other : one
}

/** The hosts for which {@link othersOf} may have become another; undefined: all. */
export function touchedBy({ table, id }: Change): readonly string[] | undefined {
  switch (table) {
    case 'segment':
      // `network@host`
      return [id.slice(id.lastIndexOf('@') + 1)]
    case 'session':
      // `host>other`
      return id.split('>')
    case 'host':
    case 'gateway':
    case 'outlet':
    case 'peering':
      return undefined
    default:
      return []
  }
}
