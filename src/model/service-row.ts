import type { Selector } from './selector.js'

/** What may be asked for of a service. */
export interface ServicePort {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** First and last port; undefined: every one. */
  readonly range?: readonly [first: number, last: number]
  /** The port that backends listen on, where that is another; the range has one port then. */
  readonly target?: number
}

/** A virtual address in front of several workloads; id is `tenant/name`. */
export interface ServiceRow {
  readonly id: string
  readonly tenant: string
  /** As of an egress: the number of its groups. */
  readonly translation: number
  /** One address, or one of each IP version. */
  readonly addresses: readonly string[]
  /** Undefined: everything, whatever the protocol. */
  readonly ports?: readonly ServicePort[]
  readonly backends: Selector
  readonly affinity: 'connection' | 'source'
}

/** Derived: a workload that answers for an address of a service; id is `service#workload#version`. */
export interface BackendRow {
  readonly id: string
  readonly service: string
  readonly tenant: string
  readonly workload: string
  /** The workload's network, and its key. */
  readonly network: string
  readonly key: number
  readonly version: 4 | 6
  /** The address of the service, and that of the workload. */
  readonly virtual: string
  readonly address: string
}
