/** Rows of policies: who may talk to whom. */
import type { Selector } from './selector.js'

/** Who decides in which order: admin policies by position, then tenant policies together, then baseline by position. */
export type Tier = 'admin' | 'tenant' | 'baseline'

/** Seen from the workload that a policy selects. */
export type Direction = 'ingress' | 'egress'

/** What a rule does with what it matches; `pass` leaves the decision to the next tier. */
export type Verdict = 'allow' | 'deny' | 'reject' | 'pass'

/** One thing that the other end of a connection may be. */
export type Peer =
  /** Workloads whose labels match: of this tenant (id), or, undefined, of the selected workload's own. */
  | { readonly kind: 'workloads'; readonly tenant?: string; readonly select: Selector }
  /** Whoever has an address in the network's subnets; `network` is its id. */
  | { readonly kind: 'network'; readonly network: string }
  /** Addresses in a canonical block and in none of the canonical blocks of `except`. */
  | { readonly kind: 'cidr'; readonly cidr: string; readonly except: readonly string[] }
  /** Addresses of an AddressGroup, by its id. */
  | { readonly kind: 'group'; readonly group: string }

/** Packets of one protocol. ICMP has types in place of ports: `first` is the type, `last` equals it. */
export interface PortRange {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmp6'
  /** First and last destination port, or the ICMP type twice; undefined: every one. */
  readonly range?: readonly [first: number, last: number]
}

/** One rule of a policy. */
export interface PolicyRule {
  /** Its place in its direction's list in the file, from 0. */
  readonly index: number
  /**
   * 0 to 16,383: the rule with the lowest position that matches is the one that decides among admin rules, among
   * baseline rules, among denying and rejecting rules of a tenant, and among allowing ones. Unique among all rules of
   * its direction in the admin tier, in the baseline tier, or in its tenant's tier; in the order of (priority, policy
   * id, index); kept where others come and go.
   */
  readonly position: number
  /** Undefined: anyone. Empty: no one. */
  readonly peers?: readonly Peer[]
  /** Undefined: any protocol and port. Empty: none. */
  readonly ports?: readonly PortRange[]
  readonly action: Verdict
  readonly log: boolean
}

/** Who may talk to whom; id is `tenant/name`, or `name` for a policy of the whole cluster. */
export interface PolicyRow {
  readonly id: string
  /** Undefined: workloads of every tenant are selected. */
  readonly tenant?: string
  readonly tier: Tier
  /** 1 to 524,287, unique among policies, kept over restarts. */
  readonly number: number
  readonly select: Selector
  /** Undefined: the policy says nothing of that direction. Empty: nothing may come in, or go out. */
  readonly ingress?: readonly PolicyRule[]
  readonly egress?: readonly PolicyRule[]
  /** Whether connections live on that a change of this policy no longer allows. */
  readonly established: 'recheck' | 'keep'
}

/** A named list of addresses; id is `tenant/name`, or `name` for one of the whole cluster. */
export interface AddressGroupRow {
  readonly id: string
  readonly tenant?: string
  /** Canonical CIDR blocks (a single address is a /32 or /128), sorted, each once. */
  readonly addresses: readonly string[]
}

/** Derived: one rule of a policy with what it takes from its policy; id is `policy id#direction/index`. */
export interface RuleRow extends PolicyRule {
  readonly id: string
  /** Id of its policy. */
  readonly policy: string
  readonly tenant?: string
  readonly tier: Tier
  /** The policy's number. */
  readonly number: number
  readonly select: Selector
  readonly established: 'recheck' | 'keep'
  readonly direction: Direction
}

/**
 * Derived: one block that some AddressGroups of a domain name; the domain is a tenant, or the cluster for groups that
 * have none. Id is `tenant#block`, or `#block`.
 */
export interface PrefixRow {
  readonly id: string
  readonly tenant?: string
  readonly cidr: string
  /** Ids of the domain's groups that contain the whole block, sorted: those that name it or a larger one around it. */
  readonly groups: readonly string[]
  /** 64 bits of a hash of `groups`, as 16 hexadecimal digits. */
  readonly class: string
}
