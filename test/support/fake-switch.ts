import { Subject } from 'rxjs'
import type { FlowMod, ForeignChange, InstalledFlow, Switch } from '../../src/datapath/switch.js'

/** A switch that is a map of flows, for tests and benchmarks of what stands above it. */
export class FakeSwitch implements Switch {
  readonly flows = new Map<string, string>()
  /** Every bundle that was applied. */
  readonly bundles: (readonly FlowMod[])[] = []
  readonly foreignChanges = new Subject<ForeignChange>()
  /** Makes the next bundle fail. */
  failure: Error | undefined

  async readFlows(each: (flow: InstalledFlow) => void): Promise<void> {
    for (const [key, content] of this.flows) each({ key, content })
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
