/**
 * What the files say of a connection: allowed or denied, and by which line. Knows nothing of flows: it is what they are
 * tested against.
 */
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
  /** What the destination's policies say; undefined where it is no workload. */
  readonly ingress?: Decision
}

/** What decides: a policy, or tenancy. */
export type Cause = Decision | Barrier

/** Allowed: the rules that allow, at most one at each end. Denied: the first thing on the way that does. */
export function causesOf({ allowed, egress, barrier, ingress }: Judgement): readonly Cause[] {
  const decisions = [egress, ingress].filter((decision) => decision !== undefined)
  if (allowed) return decisions.filter(({ by }) => by !== 'default')
  if (egress?.allowed !== false && barrier !== undefined) return [barrier]
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
    const ingress = target && decide(files, 'ingress', target, here, seen ?? connection)
    const allowed = way.open && egress?.allowed !== false && ingress?.allowed !== false
    return {
      allowed,
      ...(egress && { egress }),
      ...(!way.open && { barrier: way.barrier }),
      ...(ingress && { ingress }),
    }
  }
}

/** Judges one connection; who asks more than once makes a {@link Judge}. */
export function judge(rows: Rows, connection: Connection): Judgement {
  return new Judge(rows).judge(connection)
}
