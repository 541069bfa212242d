import type { Observable } from 'rxjs'

/** One flow to put into a switch, or (without content) to take out; see Flow in src/pipeline for the two strings. */
export interface FlowMod {
  readonly key: string
  readonly content?: string
}

/** A flow that a switch has. */
export interface InstalledFlow {
  readonly key: string
  readonly content: string
}

/** A change that somebody else made in a switch; no content: the flow is gone. */
export interface ForeignChange {
  readonly key: string
  readonly content?: string
}

/** What keeping a bridge's flows right needs of a switch. Real ones speak OpenFlow; tests and benchmarks have others. */
export interface Switch {
  /** Changes made by others, from the moment of the first subscription on. */
  readonly foreignChanges: Observable<ForeignChange>
  /** Every flow of every table, in pieces as they arrive. */
  readFlows(each: (flow: InstalledFlow) => void): Promise<void>
  /** Applies all or nothing; returns when the switch has said so. */
  apply(mods: readonly FlowMod[]): Promise<void>
}
