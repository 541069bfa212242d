import { type Observable, Subject, type Subscription } from 'rxjs'
import { isOurs, ours } from '../pipeline/cookie.js'
import type { DesiredFlows } from '../pipeline/desired-flows.js'
import { cookieOf } from '../pipeline/flow.js'
import { GroupMeterSync } from './group-meter-sync.js'
import type { FlowMod, ForeignChange, InstalledFlow, Switch } from './switch.js'

/** A flow that somebody had changed behind the controller's back. */
export interface Drift {
  readonly cause: 'added' | 'altered' | 'deleted'
  readonly key: string
  /** As it should be; for one that was added, as it was. */
  readonly content: string
}

/** A change of a flow that the switch has reported or acknowledged; content is undefined where there is no flow. */
export interface InstalledChange {
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** What a bridge's sync must know of its surroundings. */
export interface SyncOptions {
  /** Numbers of the tables that are ours: flows elsewhere are nobody's business here. */
  readonly tables: ReadonlySet<number>
  /** Whether the desired flows are whole: false while the engine is half-way. */
  readonly consistent: () => boolean
  /** Whether a flow that nobody asks for may be removed: not while its object may only be unreadable. */
  readonly mayRemove: (cookie: bigint) => boolean
}

/**
 * Keeps one bridge's flows as they should be: reads back what is there, sends the difference as one bundle, and puts
 * right what others change. `installed` moves only when the switch has answered.
 */
export class BridgeSync {
  readonly #groupsAndMeters: GroupMeterSync
  readonly #installed = new Map<string, string>()
  readonly #drifted = new Map<string, Drift>()
  /** Flows that the read-back found to be wrong or missing. */
  #wrong = new Set<string>()
  /** Flows that nobody asks for, but that may not be removed yet. */
  readonly #spared = new Set<string>()
  readonly #drifts = new Subject<Drift>()
  readonly #settled = new Subject<number>()
  readonly #changes = new Subject<InstalledChange>()
  readonly #failures = new Subject<unknown>()
  #early: ForeignChange[] | undefined = []
  #subscription: Subscription | undefined
  #working = false
  #stopped = false
  #target = 0
  #realised = 0
  #sent = 0

  constructor(
    readonly desired: DesiredFlows,
    groupsAndMeters: DesiredFlows,
    readonly device: Switch,
    readonly options: SyncOptions,
  ) {
    this.#groupsAndMeters = new GroupMeterSync(groupsAndMeters, device, () => options.mayRemove(ours))
  }

  /** What was put right. */
  get drifts(): Observable<Drift> {
    return this.#drifts
  }

  /** Emits the revision each time the switch is exactly as it should be. */
  get settled(): Observable<number> {
    return this.#settled
  }

  /** Every change of the switch's flows, whoever made it, once the switch has said so. */
  get changes(): Observable<InstalledChange> {
    return this.#changes
  }

  /** Repairs that the switch refused. */
  get failures(): Observable<unknown> {
    return this.#failures
  }

  /** Count of flows that the switch has in our tables. */
  get size(): number {
    return this.#installed.size
  }

  /** Count of flow-mods that the switch has acknowledged. */
  get sent(): number {
    return this.#sent
  }

  /** Whether nothing is under way or waits to be sent. */
  get isIdle(): boolean {
    return (
      !this.#working &&
      !this.#early &&
      !this.desired.isDirty &&
      !this.#groupsAndMeters.isDirty &&
      this.#wrong.size === 0
    )
  }

  /** The newest revision that the switch has acknowledged. */
  get realised(): number {
    return this.#realised
  }

  /**
   * Reads the switch back, and sends what differs. Rejects with the switch's error; the caller then starts over with a
   * new connection.
   */
  async start(revision: number): Promise<void> {
    this.#target = revision
    this.#subscription = this.device.foreignChanges.subscribe((change) => {
      if (this.#early) this.#early.push(change)
      else this.#drift(change)
    })
    // From here on `desired` notes what changes; the rest is compared here, each flow once.
    this.desired.takeDirty()
    await this.#groupsAndMeters.start()
    await this.device.readFlows((flow) => this.#found(flow))
    for (const key of this.desired.keys()) if (!this.#installed.has(key)) this.#wrong.add(key)
    for (const change of this.#early ?? [])
      if (this.#isOurs(change)) {
        this.#note(change)
        this.#wrong.add(change.key)
      }
    this.#early = undefined
    await this.update(this.#target)
  }

  /** Sends what has become different; `revision` is what the desired flows stand for. */
  async update(revision: number): Promise<void> {
    this.#target = revision
    if (this.#working || this.#early || this.#stopped) return
    this.#working = true
    let settled = false
    try {
      while (!this.#stopped && this.options.consistent()) {
        const goal = this.#target
        const changed = this.desired.takeDirty()
        const found = this.#wrong
        this.#wrong = new Set()
        const drifts = [...this.#drifted.values()]
        this.#drifted.clear()
        for (const { key } of drifts) found.add(key)
        for (const key of this.#spared) found.add(key)
        this.#spared.clear()
        for (const key of changed) found.delete(key)
        const removals = await this.#groupsAndMeters.put()
        await this.#send([...this.#mods(changed, true), ...this.#mods(found, false)])
        await this.#groupsAndMeters.remove(removals)
        for (const drift of drifts) this.#drifts.next(drift)
        if (
          this.desired.isDirty ||
          this.#groupsAndMeters.isDirty ||
          this.#drifted.size > 0 ||
          goal !== this.#target
        )
          continue
        this.#realised = goal
        settled = true
        break
      }
    } finally {
      this.#working = false
    }
    // Whoever hears this and asks finds the sync idle.
    if (settled) this.#settled.next(this.#realised)
  }

  stop(): void {
    this.#stopped = true
    this.#subscription?.unsubscribe()
    this.#changes.complete()
  }

  #found(flow: InstalledFlow): void {
    if (!this.#isOurs(flow)) return
    const { key, content } = flow
    const wanted = this.desired.get(key)
    if (wanted?.content === content) {
      // The strings that are there already: a hundred thousand flows are then held once.
      this.#installed.set(wanted.key, wanted.content)
    } else {
      this.#installed.set(key, content)
      this.#wrong.add(key)
    }
  }

  /** What these keys lack; `known`: their objects are or were known, so what nobody asks for any more may go. */
  *#mods(keys: Iterable<string>, known: boolean): Generator<FlowMod> {
    for (const key of keys) {
      const want = this.desired.get(key)?.content
      const have = this.#installed.get(key)
      if (want === have) continue
      if (want !== undefined) yield { key, content: want }
      else if (known || (have !== undefined && this.options.mayRemove(cookieOf(have)))) yield { key }
      else this.#spared.add(key)
    }
  }

  async #send(mods: readonly FlowMod[]): Promise<void> {
    if (mods.length === 0) return
    await this.device.apply(mods)
    this.#sent += mods.length
    for (const mod of mods) this.#note(mod)
  }

  #note({ key, content }: FlowMod | ForeignChange): void {
    const { observed } = this.#changes
    const before = observed ? this.#installed.get(key) : undefined
    if (content === undefined) this.#installed.delete(key)
    else this.#installed.set(key, content)
    if (observed) this.#changes.next({ key, before, after: content })
  }

  #drift(change: ForeignChange): void {
    if (!this.#isOurs(change)) return
    const { key, content } = change
    const had = this.#installed.get(key)
    this.#note(change)
    const want = this.desired.get(key)?.content
    if (want === content) return
    if (content === undefined) this.#drifted.set(key, { cause: 'deleted', key, content: want ?? '' })
    else if (want === undefined) this.#drifted.set(key, { cause: 'added', key, content })
    else this.#drifted.set(key, { cause: 'altered', key, content: want })
    if (had !== content) this.#kick()
  }

  #kick(): void {
    this.update(this.#target).catch((error) => this.#failures.next(error))
  }

  /** Whether a flow is in a table of ours, or was written by an earlier version that had a table there. */
  #isOurs({ key, content }: ForeignChange): boolean {
    if (this.options.tables.has(key.charCodeAt(0))) return true
    return content === undefined ? this.#installed.has(key) : isOurs(cookieOf(content))
  }
}
