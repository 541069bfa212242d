/** What is asked: whether a connection may be opened, told as its first packet shows it. */
export type Protocol = 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmp6' | 'other'

export interface End {
  /** Canonical address. */
  readonly address: string
  /** Id of the workload that has it. Without: at the source an outside station, at the destination whoever is there. */
  readonly workload?: string
}

/** Both ends have addresses of one IP version. */
export interface Connection {
  readonly from: End
  readonly to: End
  readonly protocol: Protocol
  /** Destination port, or ICMP type; undefined for `other`, which has neither. */
  readonly port?: number
}
