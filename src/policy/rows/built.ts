import type { Change } from '../../model/rows.js'
import type { Allocations } from '../allocation/allocations.js'
import type { PolicyObject } from '../object.js'
import type { Path } from '../text/yaml.js'

/** Nothing is left to allocate for a field. */
export class Exhausted {
  constructor(
    readonly path: Path,
    readonly message: string,
  ) {}
}

/** A change that puts a row. */
export type Put = Change & { readonly row: object }

/** What rows take from elsewhere than their object. */
export interface Surroundings {
  readonly allocations: Allocations
  /** MTU of networks that name none. */
  readonly mtu: number
  /** Whether the whole cluster's files have this object. */
  has(id: string): boolean
  network(id: string): PolicyObject<'Network'> | undefined
  host(id: string): PolicyObject<'Host'> | undefined
}

/** The row of an object, why it has none, or undefined for kinds that make none. */
export type Built = Put | Exhausted | undefined
