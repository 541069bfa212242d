import { concat, type Observable, Subject, throwError } from 'rxjs'
import {
  type ControllerApi,
  type Explanation,
  type Figures,
  type FlowEvent,
  type FlowQuery,
  type FlowView,
  type HostStatus,
  type LogEntry,
  type LogQuery,
  type ObjectView,
  RequestError,
  type Status,
} from '../../src/api/contract.js'
import type {
  Counted,
  GatewayCounters,
  LimitCounts,
  RuleCounters,
  ServiceCounters,
} from '../../src/api/counters.js'

/** A host's status with everything in order, except for what is given. */
export function hostStatus(name: string, fields: Partial<HostStatus> = {}): HostStatus {
  return {
    name,
    connected: true,
    ovsdb: 'connected',
    openflow: 'connected',
    version: '1.5',
    datapathId: '0000000000000001',
    revision: 12,
    desired: 3,
    flows: 3,
    flowMods: 7,
    repaired: 0,
    ...fields,
  }
}

/** A flow of the policy table that allows one TCP port, except for what is given. */
export function flowView(fields: Partial<FlowView> = {}): FlowView {
  const match = 'tcp,tp_dst=80'
  const actions = 'resubmit(,50)'
  return {
    host: 'vm1',
    table: 40,
    tableName: 'policy',
    priority: 200,
    cookie: '0x28000000000001',
    match,
    actions,
    packets: '12',
    bytes: '1176',
    durationSeconds: 5,
    text: ` cookie=0x28000000000001, duration=5.000s, table=40, n_packets=12, n_bytes=1176, priority=200,${match} actions=${actions}`,
    textWithoutStats: ` cookie=0x28000000000001, table=40, priority=200,${match} actions=${actions}`,
    rule: 'allow',
    source: { object: 'Policy/usr1/web', file: 'usr1.yaml', line: 12 },
    ...fields,
  }
}

/** A connection that a rule has denied, except for what is given. */
export function logEntry(fields: Partial<LogEntry> = {}): LogEntry {
  return {
    time: '2026-01-02T03:04:05.678Z',
    host: 'vm1',
    direction: 'ingress',
    verdict: 'deny',
    protocol: 'tcp',
    source: { address: '10.0.0.2', port: 40000, workload: 'usr1/a' },
    destination: { address: '10.0.0.3', port: 80, workload: 'usr1/b' },
    rule: { object: 'policy/usr1/web', rule: 'ingress/0', file: 'usr1.yaml', line: 14 },
    ...fields,
  }
}

/** The counters of a rule that allows, except for what is given. */
export function ruleCounters(fields: Partial<RuleCounters> = {}): RuleCounters {
  return {
    policy: 'usr1/web',
    direction: 'ingress',
    rule: '0',
    allowed: { packets: '12', bytes: '1200' },
    denied: { packets: '0', bytes: '0' },
    replies: { packets: '9', bytes: '900' },
    ...fields,
  }
}

/** A controller whose answers are fields that a test sets. */
export class FakeController implements ControllerApi {
  readonly changes = new Subject<void>()
  readonly statusChanges = this.changes.asObservable()
  readonly events = new Subject<FlowEvent>()
  readonly queries: FlowQuery[] = []
  readonly logQueries: LogQuery[] = []
  logged: LogEntry[] = [logEntry()]
  readonly decisions = new Subject<LogEntry>()
  rules: RuleCounters[] = [ruleCounters()]
  gateways: GatewayCounters[] = [
    {
      gateway: 'campus',
      sent: { packets: '7', bytes: '700' },
      received: { packets: '6', bytes: '600' },
      refused: { packets: '1', bytes: '60' },
    },
  ]
  rereads = 0
  statusReads = 0
  onReread: () => void | Promise<void> = () => {}
  current: Status = {
    revision: 12,
    errors: [],
    warnings: [],
    converged: true,
    hosts: [hostStatus('vm1'), hostStatus('vm2')],
  }
  objects: ObjectView[] = [
    {
      id: 'workload/usr1/a',
      kind: 'Workload',
      tenant: 'usr1',
      name: 'a',
      file: 'usr1.yaml',
      line: 3,
      host: 'vm1',
    },
  ]
  served: Iterable<FlowView> | AsyncIterable<FlowView> = [flowView()]
  explanation: Explanation | undefined
  counters: Figures = {
    objects: { workload: 1 },
    packetIns: 4,
    transactions: 5,
    compileSeconds: 0.25,
    units: 6,
    gateways: [
      {
        name: 'out',
        hostStates: { gw1: 'active', gw2: 'standby' },
        takeovers: 2,
        held: true,
        uplinkWatched: false,
      },
    ],
    links: {
      tunnels: { up: 5, down: 1, unknown: 0 },
      uplinks: { up: 1, down: 0, unknown: 0 },
      downByHost: { gw1: 1, gw2: 1 },
      ...{ failures: 2, probes: 100, neighbours: 3, malformed: 1, refused: 0 },
    },
    verdicts: { received: 7, malformed: 1, stale: 2, answered: 3 },
    router: {
      answered: { hopsExceeded: 4, noHost: 2 },
      suppressed: 5,
      malformed: 1,
      connections: { known: 12, handedOn: 3, displaced: 2 },
    },
    dhcp: {
      requests: { discover: 2, request: 3 },
      answers: { ack: 4 },
      ignored: { malformed: 1 },
      foreignServers: { 'usr1/a': 5 },
    },
    services: { outcomes: { names: { answered: 8, malformed: 1 } }, foreignRouters: { 'usr1/b': 6 } },
    whereabouts: { known: 4, asked: 5, answered: 3, malformed: 1 },
  }

  /** Sets the status in part, and says so. */
  change(fields: Partial<Status>): void {
    this.current = { ...this.current, ...fields }
    this.changes.next()
  }

  status(): Status {
    this.statusReads++
    return this.current
  }

  async get(kind: string, name?: string): Promise<readonly ObjectView[]> {
    const found = this.objects.filter((object) => object.kind.toLowerCase() === kind.toLowerCase())
    if (found.length === 0) throw new RequestError('unknown-kind', `there is no kind ${kind}`)
    if (name === undefined) return found
    const named = found.filter((object) => object.name === name)
    if (named.length === 0) throw new RequestError('unknown-name', `there is no ${kind} ${name}`)
    return named
  }

  async *flows(query: FlowQuery): AsyncGenerator<FlowView> {
    this.queries.push(query)
    this.#known(query)
    for await (const flow of this.served) if (query.host === undefined || query.host === flow.host) yield flow
  }

  follow(query: FlowQuery): Observable<FlowEvent> {
    this.queries.push(query)
    try {
      this.#known(query)
    } catch (error) {
      return throwError(() => error)
    }
    return this.events
  }

  log(query: LogQuery): readonly LogEntry[] {
    this.logQueries.push(query)
    return this.logged
  }

  followLog(query: LogQuery): Observable<LogEntry> {
    this.logQueries.push(query)
    return concat(this.logged, this.decisions)
  }

  async ruleCounters(): Promise<readonly RuleCounters[]> {
    return this.rules
  }

  async gatewayCounters(): Promise<readonly GatewayCounters[]> {
    return this.gateways
  }

  async routeCounters(): Promise<ReadonlyMap<string, Counted>> {
    return new Map([['usr1/branch', { packets: '7', bytes: '700' }]])
  }

  async limitCounters(): Promise<ReadonlyMap<string, LimitCounts>> {
    const dropped = { packets: '2', bytes: '200' }
    return new Map([['usr1/out', { passed: { packets: '9', bytes: '900' }, dropped }]])
  }

  async mirrorCounters(): Promise<ReadonlyMap<string, Counted>> {
    return new Map([['usr1/watch', { packets: '3', bytes: '300' }]])
  }

  async serviceCounters(): Promise<readonly ServiceCounters[]> {
    const counted = { addresses: ['192.168.1.2'], connections: '5' }
    const backends = [
      { workload: 'usr1/b', host: 'vm1', ...counted },
      { workload: 'usr1/c', ...counted },
    ]
    return [{ service: 'usr1/web', packets: { packets: '8', bytes: '800' }, backends }]
  }

  explain(cookie: bigint): Explanation | undefined {
    return this.explanation !== undefined && BigInt(this.explanation.cookie) === cookie
      ? this.explanation
      : undefined
  }

  async reread(): Promise<void> {
    this.rereads++
    await this.onReread()
  }

  figures(): Figures {
    return this.counters
  }

  #known(query: FlowQuery): void {
    if (query.host !== undefined && !this.current.hosts.some((host) => host.name === query.host))
      throw new RequestError('unknown-host', `there is no host ${query.host}`)
  }
}
