/**
 * What the files say of a connection: allowed or denied, and by which line. Knows nothing of flows: it is what they are
 * tested against.
 */

import type { WorkloadRow } from '../model/rows.js'
import type { Connection } from './connection.js'
import { type Decision, decide } from './decide.js'
import { Files, type Rows } from './files.js'
import { type Barrier, wayOf } from './tenancy.js'

/** What comes of a connection. Each part is there as far as there is something to say, whatever the others say. */
export interface Judgement {
  readonly allowed: boolean
  /** What the source's policies say; undefined where the source is outside. */
  readonly egress?: Decision
  /** Why there is no way, whatever policies allow. */
  readonly barrier?: Barrier
  /** What the policies of the destination say, and of workloads on the way; undefined where there is none. */
  readonly ingress?: Decision
  /** Id of the route that says where the packets go. */
  readonly route?: string
}

/** A route by which a connection goes, or ends. */
export interface RouteCause {
  readonly by: 'route'
  readonly route: string
  readonly barrier?: Barrier
}

/** What decides: a policy, a route, or tenancy. */
export type Cause = Decision | RouteCause | Barrier

/** Allowed: the rules that allow, at most one at each end, and the route. Denied: the first thing on the way that does. */
export function causesOf({ allowed, egress, barrier, ingress, route }: Judgement): readonly Cause[] {
  const decisions = [egress, ingress].filter((decision) => decision !== undefined)
  const by: readonly RouteCause[] = route === undefined ? [] : [{ by: 'route', route }]
  if (allowed) return [...decisions.filter((decision) => decision.by !== 'default'), ...by]
  if (egress?.allowed !== false && barrier !== undefined) {
    const isOfRoute = route !== undefined && (barrier === 'dropped' || barrier === 'no-hop')
    return [isOfRoute ? { by: 'route', route, barrier } : barrier]
  }
  return decisions.filter((decision) => !decision.allowed).slice(0, 1)
}

/** Judges connections by the rows as they are when it is made. */
export class Judge {
  readonly #files: Files

  constructor(rows: Rows) {
    this.#files = new Files(rows)
  }

  /** Judges the first packet of a connection. */
  judge(connection: Connection): Judgement {
    const files = this.#files
    const { from, to } = connection
    const source = from.workload === undefined ? undefined : files.rows.get('workload', from.workload)
    const way = wayOf(files, source, connection)
    const target = way.workload
    const seen = way.open ? way.seen : undefined
    // Who goes by an address outside is no workload to the other: neither to its policy nor to that of the source.
    const there = { address: to.address, workload: seen ? undefined : target }
    const egress = source && decide(files, 'egress', source, there, connection)
    const here = seen
      ? { address: seen.from.address, workload: undefined }
      : { address: from.address, workload: source }
    const ingress =
      source && way.open && way.vias
        ? this.#onTheWay(source, way.vias, target, connection)
        : target && decide(files, 'ingress', target, here, seen ?? connection)
    const allowed = way.open && egress?.allowed !== false && ingress?.allowed !== false
    return {
      allowed,
      ...(egress && { egress }),
      ...(!way.open && { barrier: way.barrier }),
      ...(ingress && { ingress }),
      ...(way.route && { route: way.route.id }),
    }
  }

  /**
   * By workloads that take packets on, each as if there were no other: what it may get, and, where the destination is a
   * workload of the cluster, what it may send there, and what that may get. The first thing that denies, or the first.
   */
  #onTheWay(
    source: WorkloadRow,
    vias: readonly WorkloadRow[],
    target: WorkloadRow | undefined,
    connection: Connection,
  ): Decision | undefined {
    const { from, to } = connection
    const here = { address: from.address, workload: source }
    const decisions = vias.flatMap((via) => [
      decide(this.#files, 'ingress', via, here, connection),
      ...(target
        ? [
            decide(this.#files, 'egress', via, { address: to.address, workload: target }, connection),
            decide(this.#files, 'ingress', target, here, connection),
          ]
        : []),
    ])
    return decisions.find(({ allowed }) => !allowed) ?? decisions[0]
  }
}

/** Judges one connection; who asks more than once makes a {@link Judge}. */
export function judge(rows: Rows, connection: Connection): Judgement {
  return new Judge(rows).judge(connection)
}
