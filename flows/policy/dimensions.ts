import { formatBlock, parseBlock, subtract } from '../../src/model/block.js'
import { everything } from '../../src/model/index-definitions.js'
import { parseLabelSet, selects, selectsAll } from '../../src/model/labels.js'
import type { Reads } from '../../src/model/reads.js'
import type { Peer, RuleRow, Selector } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { ownTenant, reg } from '../registers.js'
import type { Dimension } from './combine.js'
import { portMatches } from './ports.js'
import { ofClass, type Side } from './side.js'

/** What a rule asks of a packet: the judged workload, the other end, protocol and port. */
export function dimensionsOf(side: Side, rule: RuleRow, model: Reads): readonly Dimension[] {
  return [
    rule.tenant === undefined
      ? [{}]
      : numberOf(rule.tenant, model).map((number) => ({ [reg.tenant]: number })),
    selected(rule.select, rule.tenant, model),
    rule.peers?.flatMap((peer) => matchesOf(side, peer, rule.tenant, model)) ?? [{}],
    rule.ports?.flatMap(portMatches) ?? [{}],
  ]
}

/** The judged workload has labels that a selector selects; `tenant`: whose label sets there are. */
function selected(selector: Selector, tenant: string | undefined, model: Reads): Dimension {
  return classes(selector, tenant, model)?.map((of) => ofClass(reg.classHigh, reg.classLow, of)) ?? [{}]
}

/** The classes of the label sets that a selector selects; undefined: all there will ever be. */
export function classes(
  selector: Selector,
  tenant: string | undefined,
  model: Reads,
): readonly string[] | undefined {
  if (selectsAll(selector)) return undefined
  return model
    .by('labelSets', tenant ?? everything)
    .map(parseLabelSet)
    .filter(({ labels }) => selects(selector, labels))
    .map((set) => set.class)
}

function matchesOf(side: Side, peer: Peer, tenant: string | undefined, model: Reads): readonly Match[] {
  switch (peer.kind) {
    case 'workloads': {
      const owner = peer.tenant ?? tenant
      const labels = classes(peer.select, owner, model)?.map((of) =>
        ofClass(reg.peerClassHigh, reg.peerClassLow, of),
      ) ?? [{}]
      return whose(peer.tenant, tenant, model).flatMap((at) => labels.map((match) => ({ ...at, ...match })))
    }
    case 'network': {
      const network = model.get('network', peer.network)
      return [network?.subnet, network?.subnet6].flatMap((block) => (block ? [side.remote(block)] : []))
    }
    case 'cidr':
      return subtract(parseBlock(peer.cidr), peer.except.map(parseBlock)).map((block) =>
        side.remote(formatBlock(block)),
      )
    case 'group': {
      // The id of a tenant's group begins with the tenant's; its row changes with every address, and is no matter here.
      const [high, low] = peer.group.includes('/')
        ? ([reg.tenantGroupHigh, reg.tenantGroupLow] as const)
        : ([reg.groupHigh, reg.groupLow] as const)
      return model.by('classesOfGroup', peer.group).map((of) => ofClass(high, low, of))
    }
  }
}

/** Workloads of `peer` (undefined: of the judged workload's own tenant), as a rule of `tenant` sees them. */
function whose(peer: string | undefined, tenant: string | undefined, model: Reads): readonly Match[] {
  const own = { [reg.peerTenant]: ownTenant }
  if (peer === undefined || peer === tenant) return [own]
  return numberOf(peer, model).flatMap((number) => {
    const other = { [reg.peerTenant]: number }
    return tenant === undefined ? [other, { [reg.tenant]: number, ...own }] : [other]
  })
}

/** The number of a tenant; nothing for one that does not exist. */
function numberOf(tenant: string, model: Reads): readonly number[] {
  const row = model.get('tenant', tenant)
  return row ? [row.number] : []
}
