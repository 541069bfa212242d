import type { LinkEnd, LinkView, NeighbourView } from '../../api/link-view.js'
import type { LldpNeighbour, LldpNeighbours } from '../../links/lldp-neighbours.js'
import type { LinkState, Tunnel } from '../../links/tunnel-probes.js'
import type { Verdict } from '../../links/uplinks.js'
import type { Model } from '../../model/model.js'
import { addressAt } from '../../model/outside.js'
import type { GatewayRow } from '../../model/rows.js'
import type { Gateways } from '../gateways.js'
import type { Sources } from '../sources.js'

export interface LinkViewsOptions {
  readonly model: Model
  readonly gateways: () => Gateways
  readonly sources: Sources
  readonly judge: (gateway: GatewayRow, host: string) => Verdict
  readonly neighbours: LldpNeighbours
  /** Milliseconds of the clock that the times of links are of. */
  readonly now: () => number
  readonly today: () => Date
}

const reasons: Readonly<Record<LinkState, string | undefined>> = {
  up: undefined,
  down: 'probes do not come back',
  unknown: 'not probed yet, or neither end is connected',
}

/** The name of the tunnel between two hosts. */
export function tunnelName({ hosts }: Pick<Tunnel, 'hosts'>): string {
  return hosts.join('~')
}

/** The name of a host's uplink by a gateway. */
export function uplinkName(gateway: string, host: string): string {
  return `${gateway}@${host}`
}

/** Links as clients see them. */
export class LinkViews {
  constructor(readonly options: LinkViewsOptions) {}

  tunnel(tunnel: Tunnel): LinkView {
    const { model } = this.options
    const [one, two] = tunnel.hosts
    const bfd = this.#bfd(tunnel)
    return {
      ...identity(tunnelName(tunnel)),
      type: 'tunnel',
      state: tunnel.state,
      ...reasonOf({ reason: reasons[tunnel.state] }),
      ends: [this.#host(one), this.#host(two)],
      encapsulation: model.get('cluster', 'cluster')?.encapsulation ?? 'geneve',
      ...(bfd && { bfd }),
      ...this.#seen(tunnel.heardAtMs),
    }
  }

  uplink(gateway: GatewayRow, host: string): LinkView {
    const { model, sources, gateways, judge, neighbours } = this.options
    const name = uplinkName(gateway.id, host)
    const carrier = model.get('carrier', name)
    const verdict = judge(gateway, host)
    const heard = neighbours.of(name)
    const heardAtMs = Math.max(
      gateways().nextHops.answered(gateway, host).heardAtMs ?? Number.NEGATIVE_INFINITY,
      ...heard.map((neighbour) => neighbour.heardAtMs),
    )
    const nextHop = gateway.nextHop ?? gateway.nextHop6
    const { file, line } = sources.place(`gateway/${gateway.id}`, [])
    return {
      ...identity(name),
      type: 'uplink',
      state: verdict.state,
      ...reasonOf(verdict),
      ends: [
        {
          ...this.#host(host, addressAt(gateway, gateway.address ?? gateway.address6, host)),
          bridge: gateway.bridge,
          devices: carrier?.devices ?? [],
        },
        nextHop === undefined ? {} : { address: nextHop },
      ],
      encapsulation: gateway.vlan === undefined ? 'none' : `vlan ${gateway.vlan}`,
      ...this.#seen(heardAtMs === Number.NEGATIVE_INFINITY ? undefined : heardAtMs),
      neighbours: heard.map((neighbour) => this.#neighbour(neighbour)),
      ...(carrier && { passesLldp: carrier.passesLldp }),
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    }
  }

  #host(host: string, address = this.options.model.get('host', host)?.tunnelIp): LinkEnd {
    return { host, ...(address === undefined ? {} : { address }) }
  }

  #bfd({ hosts: [one, two] }: Tunnel): Readonly<Record<string, 'up' | 'down'>> | undefined {
    const said = (
      [
        [one, two],
        [two, one],
      ] as const
    ).flatMap(([host, other]) => {
      const session = this.options.model.get('session', `${host}>${other}`)
      return session ? [[host, session.isUp ? ('up' as const) : ('down' as const)] as const] : []
    })
    return said.length === 0 ? undefined : Object.fromEntries(said)
  }

  #seen(atMs: number | undefined): Pick<LinkView, 'lastSeen' | 'silentMs'> {
    if (atMs === undefined) return {}
    return { lastSeen: this.#time(atMs), silentMs: Math.round(this.options.now() - atMs) }
  }

  #neighbour({ heardAtMs, ttlSeconds, ...announcement }: LldpNeighbour): NeighbourView {
    const silentMs = Math.round(this.options.now() - heardAtMs)
    return {
      ...announcement,
      ttlSeconds: Math.max(0, ttlSeconds - Math.floor(silentMs / 1000)),
      lastSeen: this.#time(heardAtMs),
      silentMs,
    }
  }

  #time(atMs: number): string {
    return new Date(this.options.today().getTime() - (this.options.now() - atMs)).toISOString()
  }
}

function identity(name: string) {
  return { id: `link/${name}`, kind: 'Link', name } as const
}

function reasonOf({ reason }: { readonly reason?: string | undefined }): { readonly reason?: string } {
  return reason === undefined ? {} : { reason }
}
