import type { Observable } from 'rxjs'

/** One flow to put into a switch, or (without content) to take out; see Flow in src/pipeline for the two strings. */
export interface FlowMod {
  readonly key: string
  readonly content?: string
}

/** A group or meter to put into a switch, or (without content) to take out. */
export interface GroupMeterMod extends FlowMod {
  /** Whether the switch has it: it is then changed in place, and no packet is lost. */
  readonly exists: boolean
}

/** A flow, a group or a meter that a switch has. */
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
  /** Every group and meter. */
  readGroupsAndMeters(each: (entry: InstalledFlow) => void): Promise<void>
  /** Applies one after the other; rejects when the switch refuses one. */
  applyGroupsAndMeters(mods: readonly GroupMeterMod[]): Promise<void>
}
