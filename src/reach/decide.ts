/** What the policies say of one direction of a connection: the language page, section Policy, sentence by sentence. */

import { selects } from '../model/labels.js'
import type { Direction, Peer, PolicyRow, PolicyRule, Tier, Verdict, WorkloadRow } from '../model/rows.js'
import { blocksOf, inBlock } from './blocks.js'
import type { Connection } from './connection.js'
import type { Files } from './files.js'
import { hasPort } from './ports.js'
import { takePart } from './tenancy.js'

/** What decided, and how. */
export interface Decision {
  readonly allowed: boolean
  readonly direction: Direction
  readonly verdict: Exclude<Verdict, 'pass'>
  /** A rule; or that a policy selects the workload and none has a rule that allows; or that no policy says anything. */
  readonly by: 'rule' | 'isolation' | 'default'
  /** Id of the deciding policy; of several that isolate, the first. */
  readonly policy?: string
  /** The rule's place in the policy's list. */
  readonly index?: number
}

/** The other end, seen from the workload that is judged. */
export interface Other {
  readonly address: string
  readonly workload?: WorkloadRow | undefined
}

interface Candidate {
  readonly policy: PolicyRow
  readonly rule: PolicyRule
}

/**
 * Admin tier: the first rule that matches decides, unless it passes the decision on. Tenant tier: deny and reject beat
 * allow; where a policy is about this direction, what no rule allows is denied. Baseline tier like the admin tier. Then:
 * allow.
 */
export function decide(
  files: Files,
  direction: Direction,
  self: WorkloadRow,
  other: Other,
  connection: Connection,
): Decision {
  const policies = files.policiesOf(self, direction)
  const matching = policies
    .flatMap((policy) => (policy[direction] ?? []).map((rule): Candidate => ({ policy, rule })))
    .filter(({ rule }) => hasPort(rule.ports, connection))
    .filter(({ rule: { peers } }) => peers?.some((peer) => isPeer(files, peer, self, other)) ?? true)
    .sort((a, b) => a.rule.position - b.rule.position)
  const first = (tier: Tier, ...actions: readonly Verdict[]) =>
    matching.find(({ policy, rule }) => policy.tier === tier && actions.includes(rule.action))

  const admin = byRule(direction, first('admin', 'allow', 'deny', 'reject', 'pass'))
  if (admin) return admin
  const tenant = byRule(direction, first('tenant', 'deny', 'reject') ?? first('tenant', 'allow'))
  if (tenant) return tenant
  const isolating = policies.find(({ tier }) => tier === 'tenant')
  if (isolating) return { allowed: false, direction, verdict: 'deny', by: 'isolation', policy: isolating.id }
  const baseline = byRule(direction, first('baseline', 'allow', 'deny', 'reject', 'pass'))
  return baseline ?? { allowed: true, direction, verdict: 'allow', by: 'default' }
}

/** The decision of a rule; undefined where there is none, or it leaves the decision to the next tier. */
function byRule(direction: Direction, candidate: Candidate | undefined): Decision | undefined {
  const verdict = candidate?.rule.action
  if (candidate === undefined || verdict === undefined || verdict === 'pass') return undefined
  const { policy, rule } = candidate
  const allowed = verdict === 'allow'
  return { allowed, direction, verdict, by: 'rule', policy: policy.id, index: rule.index }
}

function isPeer(files: Files, peer: Peer, self: WorkloadRow, other: Other): boolean {
  switch (peer.kind) {
    case 'workloads':
      return (
        isWorkload(files, peer.tenant ?? self.tenant, self, other.workload) &&
        selects(peer.select, other.workload?.labels ?? {})
      )
    case 'network': {
      const network = files.network(peer.network)
      return [network?.subnet, network?.subnet6].some((block) => inBlock(block, other.address))
    }
    case 'cidr':
      return inBlock(peer.cidr, other.address) && !blocksOf(peer.except)(other.address)
    case 'group':
      return files.inGroup(peer.group, other.address)
  }
}

/** Whether the other end is a workload of this tenant, which, where it is another one, peers with the workload's own. */
function isWorkload(
  files: Files,
  tenant: string,
  self: WorkloadRow,
  other: WorkloadRow | undefined,
): boolean {
  if (other?.tenant !== tenant) return false
  return tenant === self.tenant || takePart(files, files.network(self.network), files.network(other.network))
}
