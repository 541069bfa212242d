import type { Explanation, Source } from '../api/contract.js'
import type { Model } from '../model/model.js'
import { objectOf, partOf } from '../model/objects.js'
import type { Engine } from '../pipeline/engine.js'
import { isFlowKey } from '../pipeline/flow.js'
import type { Unit } from '../pipeline/unit.js'

/** Where an object in the files stands, or one of its parts: `['ingress', 0]`, a rule of a policy. */
export type Origin = (
  object: string,
  part?: Part,
) => { readonly file: string; readonly line: number } | undefined

type Part = readonly (string | number)[]

/** From a cookie to what it stands for: the object that the flow follows from, and its place in a file. */
export class Sources {
  constructor(
    readonly engines: readonly Engine[],
    readonly model: Model,
    readonly origin: Origin,
  ) {}

  unit(cookie: bigint): Unit | undefined {
    for (const engine of this.engines) {
      const unit = engine.unit(cookie)
      if (unit) return unit
    }
    return undefined
  }

  /** The object of a unit; flows that every host has follow from the cluster's settings. */
  source(unit: Unit): Source {
    const named = this.#named(unit)
    const object = named === 'cluster' ? `cluster/${this.model.get('cluster', 'cluster')?.name ?? ''}` : named
    const source = this.place(object, partOf(unit.rule.from, unit.row))
    if (source.file !== undefined || named !== 'cluster') return source
    return { object, file: `flows/${tableFile(unit)}` }
  }

  /** An object with its place, or that of a part of it. */
  place(object: string, part: Part): Source {
    const origin = this.origin(object, part) ?? this.origin(object)
    return origin ? { object, file: origin.file, line: origin.line } : { object }
  }

  explain(cookie: bigint): Explanation | undefined {
    const unit = this.unit(cookie)
    if (!unit) return undefined
    return {
      cookie: `0x${cookie.toString(16)}`,
      table: unit.table.number,
      tableName: unit.table.name,
      rule: unit.rule.name,
      source: this.source(unit),
      hosts: this.#hostsOf(unit),
    }
  }

  /** A block of address groups stands for the first group that contains it. */
  #named({ rule: { from }, row }: Unit): string {
    const group = from === 'prefix' ? this.model.get('prefix', row)?.groups[0] : undefined
    return group === undefined ? objectOf(from, row) : objectOf('addressGroup', group)
  }

  #hostsOf(unit: Unit): readonly string[] {
    const key = unit.flows.find((flow) => isFlowKey(flow.key))?.key
    if (key === undefined) return []
    return this.engines.flatMap((engine) => engine.bridgesWith(key, unit))
  }
}

function tableFile({ table }: Unit): string {
  return `${String(table.number).padStart(2, '0')}-${table.name}.ts`
}
