import type { Table } from '../../src/pipeline/table.js'
import hostAddress from './00-host-address.js'
import { outerScope } from './shared-address.js'

/** The tables of a bridge that an operator has and in which some flows are ours. */
export const outerPipeline: readonly Table[] = [hostAddress]

/** The scopes of such a bridge: its own. */
export function* scopesOfOuterBridge(id: string): Generator<string> {
  yield outerScope(id)
}
