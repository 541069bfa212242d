import type { HostStatus, Status } from '../../api/contract.js'
import { noBridge } from '../../host/host-link.js'
import type { Model } from '../../model/model.js'
import type { Engine } from '../../pipeline/engine.js'
import type { PolicyDirectory } from '../../policy/index.js'
import { type Bridges, versionName } from '../bridges.js'
import type { Hosts } from '../hosts.js'
import type { Loop } from '../loop.js'
import type { OuterBridges } from '../outer-bridges.js'
import { warningsOf } from './warnings.js'

/** What the status is made of. */
export interface StatusParts {
  readonly model: Model
  readonly engine: Engine
  readonly loop: Loop
  readonly policy: PolicyDirectory
  readonly hosts: Hosts
  readonly bridges: Bridges
  readonly outerBridges: OuterBridges
  /** Whether every host has said what it carries, or has had the time to. */
  readonly introduced: () => boolean
  readonly refused: () => string | undefined
}

/** What `sluice status` says. */
export function statusOf(parts: StatusParts): Status {
  const { model, engine, loop, policy, hosts, bridges, refused, introduced } = parts
  const { revision } = loop
  const rows = Array.from(model.rows('host'), ({ id }) => hostStatus(id)).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  const reason = refused()
  return {
    revision,
    ...(reason === undefined ? {} : { refused: reason }),
    errors: policy.errors.map((error) => error.toJSON()),
    warnings: [...warningsOf(model, engine)],
    converged: introduced() && loop.consistent && rows.every(isDone),
    hosts: rows,
  }

  /** A host that answers anywhere is reachable: right after a start its database does, its switch in a moment. */
  function isDone({ name, ovsdb, openflow, revision: realised }: HostStatus): boolean {
    if (ovsdb !== 'connected' && openflow !== 'connected') return true
    return realised >= revision && bridges.get(name)?.sync.isIdle === true && missingAt(name).length === 0
  }

  /** The operator's bridges of a host that lack flows of ours, those apart that there are not. */
  function missingAt(name: string): readonly string[] {
    const faults = hosts.links.get(name)?.faults ?? []
    return model
      .by('gatewaysByHost', name)
      .filter((gateway) => !parts.outerBridges.isSettled(gateway, name))
      .map(({ bridge }) => bridge)
      .filter((bridge) => !faults.includes(noBridge(bridge)))
  }

  function hostStatus(name: string): HostStatus {
    const link = hosts.links.get(name)
    const bridge = bridges.get(name)
    const record = bridges.record(name)
    const ovsdb = link?.state.status ?? 'connecting'
    const openflow = bridge ? 'connected' : 'disconnected'
    const why = reasonOf(name)
    return {
      name,
      connected: ovsdb === 'connected' && openflow === 'connected',
      ...(why === undefined ? {} : { reason: why }),
      ovsdb,
      openflow,
      ...(bridge
        ? { version: versionName(bridge.connection.version), datapathId: bridge.connection.datapathId }
        : {}),
      revision: bridge?.sync.realised ?? 0,
      desired: engine.desired(name)?.size ?? 0,
      flows: bridge?.sync.size ?? record.flows,
      flowMods: record.flowMods,
      repaired: record.repaired,
      ...(record.lastRepair ? { lastRepair: record.lastRepair } : {}),
    }
  }

  function reasonOf(name: string): string | undefined {
    const link = hosts.links.get(name)
    const reasons = [...(link?.faults ?? [])]
    if (link?.state.status === 'disconnected') reasons.unshift(`database: ${link.state.reason.message}`)
    else if (link?.state.status === 'connecting') reasons.unshift('database: connecting')
    const { refusal } = bridges.record(name)
    if (refusal !== undefined) reasons.push(`the switch refuses its flows: ${refusal}`)
    if (!bridges.get(name)) reasons.push('the switch has not connected')
    for (const bridge of missingAt(name)) reasons.push(`the flows of bridge ${bridge} are not in force`)
    return reasons.length > 0 ? reasons.join('; ') : undefined
  }
}
