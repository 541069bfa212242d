import type { Observable } from 'rxjs'
import type { Counted, GatewayCounters, LimitCounts, RuleCounters, ServiceCounters } from './counters.js'
import type { LinkFigures } from './link-figures.js'

/** An error in a policy file, as `sluice check` prints it. */
export interface PolicyErrorView {
  readonly code: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Where something is said: the object and its place in a file. */
export interface Source {
  /** `kind/name` or `kind/tenant/name`. */
  readonly object: string
  readonly file?: string
  readonly line?: number
}

/** One flow that was not as it should be, and was put right. */
export interface Repair {
  /** ISO 8601. */
  readonly time: string
  readonly cause: 'added' | 'altered' | 'deleted'
  /** The flow as it should be; for one that was added, as it was. */
  readonly flow: string
  readonly source?: Source
}

/** One host as the controller sees it. */
export interface HostStatus {
  readonly name: string
  /** Both of its connections stand. */
  readonly connected: boolean
  /** Why it is not connected, or what is wrong with it, in words. */
  readonly reason?: string
  readonly ovsdb: 'connected' | 'connecting' | 'disconnected'
  readonly openflow: 'connected' | 'connecting' | 'disconnected'
  /** Negotiated version, such as `1.5`. */
  readonly version?: string
  readonly datapathId?: string
  /** The newest revision that its switch has acknowledged; 0: none. */
  readonly revision: number
  /** Count of flows that it should have, and has. */
  readonly desired: number
  readonly flows: number
  /** Count of flow-mods sent since the controller started. */
  readonly flowMods: number
  readonly repaired: number
  readonly lastRepair?: Repair
}

/** The whole answer of `sluice status`. */
export interface Status {
  /** Grows with every accepted change of the files. */
  readonly revision: number
  /** Why the directory is not in force at all: an empty directory while hosts carry flows. */
  readonly refused?: string
  readonly errors: readonly PolicyErrorView[]
  /** What an operator should know and nothing is held back for: duplicate iface-ids, peerings and mirrors that wait, conflicts. */
  readonly warnings: readonly string[]
  /** Every reachable host has acknowledged the newest revision. */
  readonly converged: boolean
  readonly hosts: readonly HostStatus[]
}

/** An object as the controller holds it: its fields with defaults and allocations, and where it stands. */
export interface ObjectView {
  readonly id: string
  readonly kind: string
  readonly tenant?: string
  readonly name: string
  /** Absent for what no file says, such as a link. */
  readonly file?: string
  readonly line?: number
  /** For a workload: the host that it runs on. */
  readonly host?: string
  readonly [field: string]: unknown
}

/** Which flows: every given condition must hold. */
export interface FlowQuery {
  readonly host?: string
  readonly tenant?: string
  /** `tenant/name`, or a bare name that is unique. */
  readonly workload?: string
  readonly policy?: string
  /** A table's name or number. */
  readonly table?: string
  /** A bridge's name: of an operator's all flows, not only those of the controller. */
  readonly bridge?: string
}

/** A flow that a switch has. */
export interface FlowView {
  readonly host: string
  /** Of a flow in a bridge of an operator. */
  readonly bridge?: string
  readonly table: number
  readonly tableName?: string
  readonly priority: number
  /** `0x…` */
  readonly cookie: string
  /** As Open vSwitch writes them. */
  readonly match: string
  readonly actions: string
  /** Decimal, since counters have 64 bits. */
  readonly packets: string
  readonly bytes: string
  readonly durationSeconds: number
  /** The line that `ovs-ofctl --no-names dump-flows` prints, with and without `--no-stats`. */
  readonly text: string
  readonly textWithoutStats: string
  /** The rule that wrote it; absent for a flow that is not the controller's. */
  readonly rule?: string
  readonly source?: Source
}

/** A change that a switch reported. */
export interface FlowEvent {
  readonly event: 'added' | 'changed' | 'removed'
  readonly flow: Omit<FlowView, 'packets' | 'bytes' | 'durationSeconds' | 'text'>
}

/** What a cookie stands for. */
export interface Explanation {
  readonly cookie: string
  readonly table: number
  readonly tableName: string
  readonly rule: string
  readonly source: Source
  readonly hosts: readonly string[]
}

/** Which decisions: every given condition must hold. */
export interface LogQuery {
  /** Of this tenant is one of the ends. */
  readonly tenant?: string
  /** Is one of the ends: `tenant/name`, or a bare name that is unique. */
  readonly workload?: string
  readonly policy?: string
}

/** One end of a connection. */
export interface LogEnd {
  readonly address: string
  /** Of TCP, UDP and SCTP. */
  readonly port?: number
  /** `tenant/name`, where a workload of the tenant, or of a peer of it, has the address. */
  readonly workload?: string
}

/** The rule that has decided; its place is that of the rule, or of the policy where no rule of it matched. */
export interface RuleSource extends Source {
  /** `ingress/0`, its place in the policy's list from 0, or `ingress/default`: what the rules leave over. */
  readonly rule: string
}

/** A decision of a rule that logs. */
export interface LogEntry {
  /** ISO 8601: when the controller heard of it. */
  readonly time: string
  /** Where it was made. */
  readonly host: string
  /** Seen from the workload that it was made for. */
  readonly direction: 'ingress' | 'egress'
  readonly verdict: 'allow' | 'deny' | 'reject'
  /** `tcp`, `udp`, `sctp`, `icmp`, `icmp6`, or the number of another protocol. */
  readonly protocol: string
  readonly icmp?: { readonly type: number; readonly code: number }
  readonly source: LogEnd
  readonly destination: LogEnd
  readonly rule: RuleSource
}

/** Counters and gauges that are not in {@link Status}. */
export interface Figures {
  readonly objects: Readonly<Record<string, number>>
  readonly packetIns: number
  readonly transactions: number
  /** Seconds spent compiling, in all. */
  readonly compileSeconds: number
  /** Count of units: rules applied to one row each. */
  readonly units: number
  /** Gateways that several hosts can carry. */
  readonly gateways: readonly {
    readonly name: string
    /** By host: `active`, `standby`, `no uplink` or `down`. */
    readonly hostStates: Readonly<Record<string, string>>
    /** How often another host has taken over since the controller was started. */
    readonly takeovers: number
    /** Whether hosts stay with whoever carries it. */
    readonly held: boolean
    /** Whether hosts notice by themselves that its uplink is cut. */
    readonly uplinkWatched: boolean
  }[]
  readonly links: LinkFigures
  /** Packets that switches sent for a verdict: read or not, of what is gone by now, and answered as `reject` wants it. */
  readonly verdicts: {
    readonly received: number
    readonly malformed: number
    readonly stale: number
    readonly answered: number
  }
  /** Packets that could not go on: of which kinds senders were told, those that must not be answered, or are not read. */
  readonly router: {
    readonly answered: Readonly<Record<string, number>>
    readonly suppressed: number
    readonly malformed: number
    /** Connections of workloads with stations outside: those whose owners are known, segments handed on, and those reset. */
    readonly connections: { readonly known: number; readonly handedOn: number; readonly displaced: number }
  }
  /** Packets of DHCP, counted by type of request or answer, by why there was no answer, and by workload that plays server. */
  readonly dhcp: {
    readonly requests: Readonly<Record<string, number>>
    readonly answers: Readonly<Record<string, number>>
    readonly ignored: Readonly<Record<string, number>>
    readonly foreignServers: Readonly<Record<string, number>>
  }
  /** What workloads ask their networks besides DHCP of IPv4. */
  readonly services: {
    /** Packets by service (`router-advertisements`, `dhcp6`, `names`) and by what became of them. */
    readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>
    /** Packets of workloads that play router, by workload. */
    readonly foreignRouters: Readonly<Record<string, number>>
  }
  /** Stations of networks whose MACs no file says: known ones, and questions, answers and frames that could not be read. */
  readonly whereabouts: {
    readonly known: number
    readonly asked: number
    readonly answered: number
    readonly malformed: number
  }
}

/** What the API serves: the controller as its clients see it. */
export interface ControllerApi {
  status(): Status
  /** Emits whenever the status may have changed. */
  readonly statusChanges: Observable<void>
  /** Objects of a kind (as files spell it, any case; also plural), all or one by name. */
  get(kind: string, name?: string): Promise<readonly ObjectView[]>
  /** Reads flows from the switches, host by host, in the order in which each switch reports them. */
  flows(query: FlowQuery): AsyncIterable<FlowView>
  follow(query: FlowQuery): Observable<FlowEvent>
  explain(cookie: bigint): Explanation | undefined
  /** Decisions of rules that log, as far as they are remembered, oldest first. */
  log(query: LogQuery): readonly LogEntry[]
  /** The same, then those that come. */
  followLog(query: LogQuery): Observable<LogEntry>
  /** Reads the counters of all rules from the switches. */
  ruleCounters(): Promise<readonly RuleCounters[]>
  /** Reads the counters of all gateways from the switches. */
  gatewayCounters(): Promise<readonly GatewayCounters[]>
  /** Packets that routes have taken, by `tenant/name`, as switches count them: from when a flow was put in. */
  routeCounters(): Promise<ReadonlyMap<string, Counted>>
  /** What limits have let pass and dropped, by `tenant/name`, as switches count it: from when a meter was put in. */
  limitCounters(): Promise<ReadonlyMap<string, LimitCounts>>
  /** Copies that mirrors have made, by `tenant/name`, counted likewise. */
  mirrorCounters(): Promise<ReadonlyMap<string, Counted>>
  /** What services have got, and which workloads answer for them. */
  serviceCounters(): Promise<readonly ServiceCounters[]>
  /** Rereads the directory from disk. */
  reread(): Promise<void>
  figures(): Figures
}

/** A request that cannot be answered as it stands; `code` is stable. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  constructor(
    readonly code:
      | 'unknown-kind'
      | 'unknown-name'
      | 'ambiguous-name'
      | 'unknown-host'
      | 'unknown-table'
      | 'unknown-bridge'
      | 'not-connected',
    message: string,
  ) {
    super(message)
  }
}
