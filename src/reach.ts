/** Who can talk to whom according to a directory of policy files, with the lines that decide. */
import { Model } from './model/model.js'
import type { WorkloadRow } from './model/rows.js'
import { checkDirectory, PolicyDirectory, type PolicyError } from './policy/index.js'
import { type Cause, type Filter, type Finding, findings } from './reach/index.js'
import { MemoryStore } from './store/store.js'

/** What decides: a rule, the isolation of a policy, a route, or tenancy, which has no line. */
export interface ReachCause {
  /** `rule`, `isolation`, `route`, or what stands between the two ends: `not-peered`, `no-way-in`, … */
  readonly reason: string
  readonly direction?: 'ingress' | 'egress'
  readonly verdict?: 'allow' | 'deny' | 'reject'
  /** `policy/usr1/web` */
  readonly object?: string
  /** The rule's place in its list, from 0. */
  readonly index?: number
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** Ports of a pair that fare alike. */
export interface ReachView extends Omit<Finding, 'causes'> {
  /** Allowed: the rule at each end that allows, if there is one. Denied: the first thing on the way that does. */
  readonly by: readonly ReachCause[]
}

/** A directory's errors, or, without errors, what it says of the pairs that the filter leaves. */
export interface DirectoryReach {
  readonly errors: readonly PolicyError[]
  /** Whether the directory has this workload. */
  has(workload: string): boolean
  readonly pairs: Iterable<ReachView>
}

export async function reachOfDirectory(directory: string, filter: Filter): Promise<DirectoryReach> {
  const errors = checkDirectory(directory)
  if (errors.length > 0) return { errors, has: () => false, pairs: [] }
  const store = new MemoryStore()
  const now = () => performance.now()
  const policy = new PolicyDirectory({ dirs: [directory], store, random: Math.random, now, allowEmpty: true })
  const { changes, errors: starved } = await policy.load()
  const model = new Model()
  model.commit(changes)
  const workloads = new Set(Array.from(model.rows('workload'), ({ id }: WorkloadRow) => id))
  return { errors: starved, has: (workload) => workloads.has(workload), pairs: views(policy, model, filter) }
}

function* views(policy: PolicyDirectory, model: Model, filter: Filter): Generator<ReachView> {
  for (const { causes, ...finding } of findings(model, filter))
    yield { ...finding, by: causes.map((cause) => causeOf(policy, cause)) }
}

function causeOf(policy: PolicyDirectory, cause: Cause): ReachCause {
  if (typeof cause === 'string') return { reason: cause }
  if (cause.by === 'route') {
    const object = `route/${cause.route}`
    return { reason: cause.barrier ?? 'route', object, ...policy.origin(object) }
  }
  const { by: reason, direction, verdict, index } = cause
  const object = `policy/${cause.policy}`
  const part = index === undefined ? [] : [direction, index]
  return {
    reason,
    direction,
    verdict,
    object,
    ...(index !== undefined && { index }),
    ...policy.origin(object, part),
  }
}
