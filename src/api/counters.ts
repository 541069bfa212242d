/** What packets a rule has let pass or not. Decimal, since counters have 64 bits. */
export interface Counted {
  readonly packets: string
  readonly bytes: string
}

/** What passed by a rule's decision, what ended by it, and what came back in connections that it admitted. */
export interface RuleCounts {
  readonly allowed: Counted
  readonly denied: Counted
  readonly replies: Counted
}

/** The counters of a rule over all hosts, since the controller started and before, as far as switches remember. */
export interface RuleCounters extends RuleCounts {
  /** `tenant/name` or `name`; empty: what no policy decides. */
  readonly policy: string
  readonly direction: 'ingress' | 'egress'
  /** Its place in the policy's list from 0, or `default`: what the rules leave over. */
  readonly rule: string
}

/** A workload that answers for a service. */
export interface BackendCounters {
  /** `tenant/name`. */
  readonly workload: string
  /** Where it runs; absent: nowhere, so that it gets no new connections. */
  readonly host?: string
  /** The addresses with which it answers. */
  readonly addresses: readonly string[]
  /** Packets that have opened connections to it. Decimal. */
  readonly connections: string
}

/** What a service has got, as switches count it: from when a flow was put in. */
export interface ServiceCounters {
  /** `tenant/name`. */
  readonly service: string
  /** What clients have sent to its address. */
  readonly packets: Counted
  readonly backends: readonly BackendCounters[]
}

/** What the meters of a limit have let pass and dropped, on all hosts, since they were put in. */
export interface LimitCounts {
  readonly passed: Counted
  readonly dropped: Counted
}

/** What the translations of a gateway have done, on all its hosts, since the controller started and before, as {@link RuleCounters}. */
export interface GatewayCounters {
  readonly gateway: string
  /** What workloads sent to the outside, and what came for them. */
  readonly sent: Counted
  readonly received: Counted
  /** What was dropped because no port was left, or because it has none where only ports tell whose it is. */
  readonly refused: Counted
}
