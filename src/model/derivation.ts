import type { Reads } from './reads.js'
import type { Change, TableName } from './rows.js'

/** Rows of table `into` that follow from one row of table `from` (by its id) and from what else is read. */
export interface Derivation {
  readonly from: TableName
  readonly into:
    | 'placement'
    | 'segment'
    | 'wire'
    | 'rule'
    | 'prefix'
    | 'share'
    | 'tap'
    | 'backend'
    | 'outlet'
    | 'exit'
    | 'outsideAddress'
    | 'translation'
    | 'publishedPort'
  /** @param before what it made last time: a change that is handed back as it is takes no further work */
  readonly derive: (id: string, reads: Reads, before: readonly Change[]) => readonly Change[]
}
