import type { Logger } from 'pino'
import { filter, type Observable, ReplaySubject } from 'rxjs'
import type { LogEnd, LogEntry, LogQuery, RuleSource } from '../api/contract.js'
import { protocol } from '../frames/protocols.js'
import type { Model } from '../model/model.js'
import type { WorkloadRow } from '../model/rows.js'
import type { Judgement } from '../verdicts/verdicts.js'
import { isNamed, resolveWorkload, tenantNamed } from './names.js'
import type { Sources } from './sources.js'

/** Decisions that are remembered. */
const remembered = 4096

const protocolNames: ReadonlyMap<number, string> = new Map(
  Object.entries(protocol).map(([name, number]) => [number, name]),
)
const said = { allow: 'allowed', deny: 'denied', reject: 'rejected' } as const

/** The decisions that rules with `log` have made last, and those that they make. */
export class VerdictLog {
  readonly #entries = new ReplaySubject<LogEntry>(remembered)

  constructor(
    readonly model: Model,
    readonly sources: Sources,
    readonly now: () => Date,
    readonly log: Logger,
  ) {}

  note(judgement: Judgement): void {
    const entry = this.#entry(judgement)
    this.#entries.next(entry)
    const { time: _, ...fields } = entry
    this.log.info(fields, sentence(entry))
  }

  /** What is remembered, oldest first. */
  entries(query: LogQuery): readonly LogEntry[] {
    const found: LogEntry[] = []
    this.follow(query)
      .subscribe((entry) => found.push(entry))
      .unsubscribe()
    return found
  }

  /**
   * What is remembered, then what comes.
   * @throws RequestError for a name that does not exist
   */
  follow(query: LogQuery): Observable<LogEntry> {
    const tenant = query.tenant === undefined ? undefined : tenantNamed(this.model, query.tenant)
    const workload = query.workload === undefined ? undefined : resolveWorkload(this.model, query.workload)
    const { policy } = query
    return this.#entries.pipe(
      filter(({ source, destination, rule }) => {
        const ends = [source.workload, destination.workload]
        if (tenant !== undefined && !ends.some((end) => end?.startsWith(`${tenant}/`))) return false
        if (workload !== undefined && !ends.includes(workload)) return false
        return policy === undefined || isNamed(rule.object, 'policy', policy)
      }),
    )
  }

  #entry({
    host,
    direction,
    outcome,
    packet,
    subject,
    source,
    destination,
    policy,
    rule,
  }: Judgement): LogEntry {
    const place = rule ? String(rule.index) : 'default'
    const object = policy ? `policy/${policy.id}` : `tenant/${subject.tenant}`
    const by: RuleSource = {
      ...this.sources.place(object, rule ? [direction, rule.index] : []),
      rule: `${direction}/${place}`,
    }
    return {
      time: this.now().toISOString(),
      host,
      direction,
      verdict: outcome,
      protocol: protocolNames.get(packet.protocol) ?? String(packet.protocol),
      ...(packet.icmp && { icmp: packet.icmp }),
      source: endOf(packet.source, packet.ports?.source, source),
      destination: endOf(packet.destination, packet.ports?.destination, destination),
      rule: by,
    }
  }
}

function endOf(address: string, port: number | undefined, workload: WorkloadRow | undefined): LogEnd {
  return { address, ...(port !== undefined && { port }), ...(workload && { workload: workload.id }) }
}

/** `denied tcp/80 from usr1/a to usr1/b (ingress) by policies/usr1.yaml:14` */
function sentence({ verdict, direction, protocol: name, icmp, source, destination, rule }: LogEntry): string {
  const what = icmp?.type ?? destination.port
  const asked = what === undefined ? name : `${name}/${what}`
  const [from, to] = [source, destination].map(({ workload, address }) => workload ?? address)
  const by = rule.file === undefined ? rule.object : `${rule.file}:${rule.line}`
  return `${said[verdict]} ${asked} from ${from} to ${to} (${direction}) by ${by}`
}
