import type { Flow } from './flow.js'
import type { Unit } from './unit.js'

/** A bridge as scopes see it: what they hold comes and goes there. */
export interface Member {
  add(flow: Flow): void
  remove(flow: Flow): void
}

interface Scope {
  readonly name: string
  readonly units: Set<Unit>
  readonly bridges: Set<Member>
}

/** Who publishes where and who listens: flows go to a scope once, and from there to every bridge that joined it. */
export class Scopes {
  readonly #scopes = new Map<string, Scope>()
  readonly #joined = new Map<Member, ReadonlySet<string>>()

  /** Replaces what a unit has published, each flow with a key of its own; those that stay the same are not touched anywhere. */
  publish(unit: Unit, scope: string | undefined, flows: readonly Flow[]): void {
    if (unit.scope !== scope) this.#withdraw(unit)
    if (scope === undefined || flows.length + unit.flows.length === 0) return
    const { after, gone, come } = difference(unit.flows, flows)
    const { name, units, bridges } = this.#scope(scope)
    unit.flows = after
    // One string for all units of a scope, rather than one each.
    unit.scope = name
    if (after.length > 0) units.add(unit)
    else units.delete(unit)
    for (const bridge of bridges) {
      for (const flow of gone) bridge.remove(flow)
      for (const flow of come) bridge.add(flow)
    }
    this.#dropIdle(scope)
  }

  #withdraw(unit: Unit): void {
    if (unit.scope !== undefined) {
      const { units, bridges } = this.#scope(unit.scope)
      units.delete(unit)
      for (const bridge of bridges) for (const flow of unit.flows) bridge.remove(flow)
      this.#dropIdle(unit.scope)
    }
    unit.flows = []
    unit.scope = undefined
  }

  /** Makes a bridge a member of exactly these scopes. */
  join(bridge: Member, names: ReadonlySet<string>): void {
    const before = this.#joined.get(bridge) ?? new Set<string>()
    for (const name of names) if (!before.has(name)) this.#enter(bridge, name)
    for (const name of before) if (!names.has(name)) this.#leave(bridge, name)
    if (names.size > 0) this.#joined.set(bridge, names)
    else this.#joined.delete(bridge)
  }

  #enter(bridge: Member, name: string): void {
    const scope = this.#scope(name)
    scope.bridges.add(bridge)
    for (const unit of scope.units) for (const flow of unit.flows) bridge.add(flow)
  }

  #leave(bridge: Member, name: string): void {
    const scope = this.#scope(name)
    scope.bridges.delete(bridge)
    for (const unit of scope.units) for (const flow of unit.flows) bridge.remove(flow)
    this.#dropIdle(name)
  }

  #scope(name: string): Scope {
    let scope = this.#scopes.get(name)
    if (!scope) {
      scope = { name, units: new Set(), bridges: new Set() }
      this.#scopes.set(name, scope)
    }
    return scope
  }

  #dropIdle(name: string): void {
    const scope = this.#scopes.get(name)
    if (scope && scope.units.size === 0 && scope.bridges.size === 0) this.#scopes.delete(name)
  }
}

interface Difference {
  readonly after: readonly Flow[]
  readonly gone: readonly Flow[]
  readonly come: readonly Flow[]
}

/** What becomes of a unit's flows: one that is the same as before is the one from before. */
function difference(before: readonly Flow[], flows: readonly Flow[]): Difference {
  if (before.length === 0) return { after: flows, gone: before, come: flows }
  const left = new Map(before.map((flow) => [flow.key, flow]))
  const come: Flow[] = []
  const after = flows.map((flow) => {
    const old = left.get(flow.key)
    if (old?.content !== flow.content) {
      come.push(flow)
      return flow
    }
    left.delete(flow.key)
    return old
  })
  return { after, gone: [...left.values()], come }
}
