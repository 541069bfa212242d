import type { Derivation } from './derivation.js'
import { everything } from './index-definitions.js'
import { selects, selectsAll } from './labels.js'
import { exit, outlet, outsideAddress, publishedPort } from './outside.js'
import { prefixesOf } from './prefixes.js'
import type { BandwidthRow, Direction, MirrorRow } from './rows.js'
import { backend } from './services.js'
import { translations } from './translations.js'
import { wire } from './wires.js'

/**
 * A workload runs where an interface of a host carries its iface-id, or its parent's. While it moves, two hosts have one:
 * then the first by host and interface name counts, whatever order they came in.
 */
const placement: Derivation = {
  from: 'workload',
  into: 'placement',
  derive(id, reads) {
    const workload = reads.get('workload', id)
    const bound = workload?.trunk ? reads.get('workload', workload.trunk.parent) : workload
    if (!workload || !bound || bound.trunk) return []
    const port = reads
      .by('portsByInterface', bound.interface)
      .find(({ host }) => reads.get('host', host) !== undefined)
    if (!port) return []
    const { tenant, network, trunk } = workload
    const { host, ofport } = port
    const at = { id, host, port: port.name, ofport, ...(trunk && { tag: trunk.tag }) }
    const isTrunk = reads.by('workloadsByParent', id).length > 0 && { isTrunk: true as const }
    return [{ table: 'placement', id, row: { ...at, ...isTrunk, tenant, network } }]
  },
}

/** A network has a segment on every host that runs one of its workloads. */
const segment: Derivation = {
  from: 'network',
  into: 'segment',
  derive(network, reads) {
    if (!reads.get('network', network)) return []
    return reads.by('hostsOfNetwork', network).map((host) => {
      const id = `${network}@${host}`
      return { table: 'segment', id, row: { id, network, host } }
    })
  },
}

export const directions: readonly Direction[] = ['ingress', 'egress']

/** A policy's rules, each by itself: a change of one is no change of the others. */
const rule: Derivation = {
  from: 'policy',
  into: 'rule',
  derive(policy, reads) {
    const row = reads.get('policy', policy)
    if (!row) return []
    const { tenant, tier, number, select, established } = row
    const shared = { policy, tier, number, select, established, ...(tenant === undefined ? {} : { tenant }) }
    return directions.flatMap((direction) =>
      (row[direction] ?? []).map((rule) => {
        const id = `${policy}#${direction}/${rule.index}`
        return { table: 'rule' as const, id, row: { ...rule, ...shared, id, direction } }
      }),
    )
  },
}

/** The blocks of a tenant's own address groups. */
const prefixOfTenant: Derivation = {
  from: 'tenant',
  into: 'prefix',
  derive: (tenant, reads, before) => prefixesOf(reads.by('addressGroupsByTenant', tenant), before, tenant),
}

/** The blocks of the address groups that have no tenant. */
const prefixOfCluster: Derivation = {
  from: 'cluster',
  into: 'prefix',
  derive: (_cluster, reads, before) => prefixesOf(reads.by('addressGroupsByTenant', everything), before),
}

/**
 * Of several limits of one direction and scope that select a workload, one that names labels comes before one for all,
 * and the first by id before the others.
 */
const share: Derivation = {
  from: 'workload',
  into: 'share',
  derive(workload, reads) {
    const row = reads.get('workload', workload)
    if (!row) return []
    const selecting = reads
      .by('bandwidthsByTenant', row.tenant)
      .filter(({ select }) => selects(select, row.labels))
    const first = new Map<string, BandwidthRow>()
    for (const selective of [true, false])
      for (const bandwidth of selecting) {
        const kind = `${bandwidth.direction} ${bandwidth.scope}`
        if (selectsAll(bandwidth.select) !== selective && !first.has(kind)) first.set(kind, bandwidth)
      }
    return [...first.values()].map(({ id: bandwidth, direction, scope }) => {
      const id = `${bandwidth}#${workload}`
      return { table: 'share', id, row: { id, bandwidth, workload, direction, scope } }
    })
  },
}

/** A workload that runs is listened to by every mirror that selects it, but by none whose copies it gets. */
const tap: Derivation = {
  from: 'workload',
  into: 'tap',
  derive(id, reads) {
    const workload = reads.get('workload', id)
    const mirrors = workload ? reads.by('mirrorsByTenant', workload.tenant) : []
    const ours = mirrors.filter(({ to, select }) => to !== id && selects(select, workload?.labels ?? {}))
    const host = ours.length > 0 ? reads.get('placement', id)?.host : undefined
    if (host === undefined) return []
    const except = (direction: MirrorRow['direction']) =>
      ours.filter((mirror) => mirror.direction !== direction).map((mirror) => mirror.id)
    return [{ table: 'tap', id, row: { id, host, sent: except('in'), got: except('out') } }]
  },
}

/** In the order in which they may build on each other. */
export const derivations: readonly Derivation[] = [
  placement,
  segment,
  rule,
  prefixOfTenant,
  prefixOfCluster,
  share,
  tap,
  backend,
  outlet,
  exit,
  outsideAddress,
  ...translations,
  publishedPort,
  wire,
]
