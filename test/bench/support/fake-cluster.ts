import { pipeline } from '../../../flows/pipeline.js'
import { scopesOfHost } from '../../../flows/scopes.js'
import { Loop } from '../../../src/controller/loop.js'
import { BridgeSync } from '../../../src/datapath/bridge-sync.js'
import { Model } from '../../../src/model/model.js'
import type { Change } from '../../../src/model/rows.js'
import { Engine } from '../../../src/pipeline/engine.js'
import { FakeSwitch } from '../../support/fake-switch.js'

/** A controller's inside without its connections: model, engine and loop over switches that are maps. */
export class FakeCluster {
  readonly model = new Model()
  readonly engine = new Engine(this.model, pipeline, scopesOfHost)
  readonly loop = new Loop(this.model, [this.engine])
  readonly #switches = new Map<string, { readonly device: FakeSwitch; readonly sync: BridgeSync }>()

  /** Commits and waits for the flow sets. */
  async commit(changes: Iterable<Change>): Promise<void> {
    this.loop.commit(changes)
    while (!this.loop.consistent) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Connects a switch for every host; resolves when all have their flows. */
  async connect(): Promise<void> {
    const tables = new Set(pipeline.map(({ number }) => number))
    for (const { id } of this.model.rows('host')) {
      const desired = this.engine.desired(id)
      const groupsAndMeters = this.engine.groupsAndMeters(id)
      if (!desired || !groupsAndMeters) continue
      const device = new FakeSwitch()
      const consistent = () => this.loop.consistent
      const sync = new BridgeSync(desired, groupsAndMeters, device, {
        tables,
        consistent,
        mayRemove: () => true,
      })
      this.#switches.set(id, { device, sync })
      await sync.start(this.loop.revision)
      device.bundles.length = 0
    }
  }

  /** Commits, and brings every switch in step; answers the count of flow-mods that this took. */
  async settle(changes: Iterable<Change>): Promise<number> {
    await this.commit(changes)
    const switches = [...this.#switches.values()]
    await Promise.all(switches.map(({ sync }) => sync.update(this.loop.revision)))
    return switches.reduce((sum, { device }) => {
      const mods = device.bundles.reduce((count, bundle) => count + bundle.length, 0)
      device.bundles.length = 0
      return sum + mods
    }, 0)
  }

  /** Count of flows that all switches have together. */
  get installed(): number {
    return [...this.#switches.values()].reduce((sum, { sync }) => sum + sync.size, 0)
  }
}
