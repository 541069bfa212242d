import { Subject } from 'rxjs'
import type {
  FlowMod,
  ForeignChange,
  GroupMeterMod,
  InstalledFlow,
  Switch,
} from '../../src/datapath/switch.js'

/** A switch that is a map of flows, for tests and benchmarks of what stands above it. */
export class FakeSwitch implements Switch {
  readonly flows = new Map<string, string>()
  readonly groupsAndMeters = new Map<string, string>()
  /** Every change of a group or meter. */
  readonly groupMeterMods: GroupMeterMod[] = []
  /** Every bundle that was applied. */
  readonly bundles: (readonly FlowMod[])[] = []
  readonly foreignChanges = new Subject<ForeignChange>()
  /** Makes the next bundle fail. */
  failure: Error | undefined

  async readFlows(each: (flow: InstalledFlow) => void): Promise<void> {
    for (const [key, content] of this.flows) each({ key, content })
  }

  async readGroupsAndMeters(each: (entry: InstalledFlow) => void): Promise<void> {
    for (const [key, content] of this.groupsAndMeters) each({ key, content })
  }

  async applyGroupsAndMeters(mods: readonly GroupMeterMod[]): Promise<void> {
    await Promise.resolve()
    this.groupMeterMods.push(...mods)
    for (const { key, content } of mods)
      if (content === undefined) this.groupsAndMeters.delete(key)
      else this.groupsAndMeters.set(key, content)
  }

  async apply(mods: readonly FlowMod[]): Promise<void> {
    await Promise.resolve()
    const { failure } = this
    this.failure = undefined
    if (failure) throw failure
    this.bundles.push(mods)
    for (const { key, content } of mods) this.#put(key, content)
  }

  /** A change that somebody else makes. */
  meddle(change: ForeignChange): void {
    this.#put(change.key, change.content)
    this.foreignChanges.next(change)
  }

  #put(key: string, content: string | undefined): void {
    if (content === undefined) this.flows.delete(key)
    else this.flows.set(key, content)
  }
}
