/** A policy to its row. */
import type { Direction, Peer, PolicyRule } from '../../model/rows.js'
import { positionCount } from '../allocation/position-list.js'
import { groupReference } from '../checks/policy-references.js'
import type { PolicyPeer } from '../kinds/peer.js'
import type { PolicyObject } from '../object.js'
import { resolveReference } from '../object.js'
import { present } from '../present.js'
import { Exhausted, type Put, type Surroundings } from './built.js'

type Policy = PolicyObject<'Policy'>

/** A rule with its peers by one name for both directions. */
type Rule = Omit<PolicyRule, 'index' | 'position' | 'peers'> & {
  readonly peers: readonly PolicyPeer[] | undefined
}

export function policyRow(object: Policy, around: Surroundings): Put | Exhausted {
  const { tenant, name, tier, select, established } = object.fields
  const number = around.allocations.number('policy', object.id)
  if (number === undefined) return new Exhausted(['name'], 'no number is left for another policy')
  const ingress = rulesOf(object, 'ingress', around)
  if (ingress instanceof Exhausted) return ingress
  const egress = rulesOf(object, 'egress', around)
  if (egress instanceof Exhausted) return egress
  const id = tenant === undefined ? name : `${tenant}/${name}`
  const rules = present({ ingress, egress })
  return {
    table: 'policy',
    id,
    row: { id, ...present({ tenant }), tier, number, select, ...rules, established },
  }
}

function rulesOf(
  { id, fields }: Policy,
  direction: Direction,
  around: Surroundings,
): PolicyRule[] | Exhausted | undefined {
  const written: readonly Rule[] | undefined =
    direction === 'ingress'
      ? fields.ingress?.map(({ from, ...rest }) => ({ ...present(rest), peers: from }))
      : fields.egress?.map(({ to, ...rest }) => ({ ...present(rest), peers: to }))
  if (written === undefined) return undefined
  const rules: PolicyRule[] = []
  for (const [index, { peers, ...rule }] of written.entries()) {
    const position = around.allocations.positions.of(id, direction, index)
    if (position === undefined) {
      const whose = fields.tier === 'tenant' ? `tenant ${fields.tenant}` : `the ${fields.tier} tier`
      const message = `${whose} has room for ${positionCount} rules of one direction: there are more`
      return new Exhausted([direction], message)
    }
    const others = peers?.map((peer) => peerOf(fields.tenant, peer, around))
    rules.push({ index, position, ...present({ peers: others }), ...rule })
  }
  return rules
}

/** One of select, network, cidr and group is there. */
function peerOf(owner: string | undefined, peer: PolicyPeer, around: Surroundings): Peer {
  const { select, network, cidr, except = [], group } = peer
  if (network !== undefined) {
    return { kind: 'network', network: owner === undefined ? network : resolveReference(owner, network) }
  }
  if (cidr !== undefined) return { kind: 'cidr', cidr, except: [...new Set(except)] }
  if (group !== undefined) {
    const { id, otherwise = id } = groupReference(owner, group)
    const meant = around.has(id) ? id : otherwise
    return { kind: 'group', group: meant.slice(meant.indexOf('/') + 1) }
  }
  const tenant = peer.tenant === owner ? undefined : peer.tenant
  return { kind: 'workloads', ...present({ tenant }), select: select ?? {} }
}
