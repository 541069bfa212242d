import type { DesiredFlows } from '../pipeline/desired-flows.js'
import type { GroupMeterMod, Switch } from './switch.js'

/**
 * Keeps one bridge's groups and meters as they should be. Flows refer to them, so what is new or different is put in
 * before the flows, and what nobody asks for any more goes after them.
 */
export class GroupMeterSync {
  readonly #installed = new Map<string, string>()
  #wrong = new Set<string>()
  #started = false

  constructor(
    readonly desired: DesiredFlows,
    readonly device: Switch,
    /** Whether one that nobody asks for may be removed: not while its object may only be unreadable. */
    readonly mayRemove: () => boolean,
  ) {}

  /** Whether something waits to be sent. */
  get isDirty(): boolean {
    return this.desired.isDirty || this.#wrong.size > 0
  }

  /** Reads the switch back. */
  async start(): Promise<void> {
    this.desired.takeDirty()
    await this.device.readGroupsAndMeters(({ key, content }) => this.#installed.set(key, content))
    for (const key of [...this.#installed.keys(), ...this.desired.keys()]) this.#wrong.add(key)
    this.#started = true
  }

  /**
   * Puts in what is missing or different: meters first, then groups by number, since a group may refer to those before it.
   * @returns what is to be removed once no flow refers to it
   */
  async put(): Promise<readonly GroupMeterMod[]> {
    if (!this.#started) return []
    const keys = [...new Set([...this.#wrong, ...this.desired.takeDirty()])].sort()
    this.#wrong = new Set()
    const puts: GroupMeterMod[] = []
    const removals: GroupMeterMod[] = []
    for (const key of keys) {
      const content = this.desired.get(key)?.content
      const installed = this.#installed.get(key)
      if (content === installed) continue
      if (content !== undefined) puts.push({ key, content, exists: installed !== undefined })
      else if (this.mayRemove()) removals.push({ key, exists: true })
      else this.#wrong.add(key)
    }
    await this.#send(puts)
    return removals
  }

  /** Removes what {@link put} said, unless it is wanted again. */
  async remove(removals: readonly GroupMeterMod[]): Promise<void> {
    await this.#send([...removals].reverse().filter(({ key }) => this.desired.get(key) === undefined))
  }

  async #send(mods: readonly GroupMeterMod[]): Promise<void> {
    if (mods.length === 0) return
    await this.device.applyGroupsAndMeters(mods)
    for (const { key, content } of mods)
      if (content === undefined) this.#installed.delete(key)
      else this.#installed.set(key, content)
  }
}
