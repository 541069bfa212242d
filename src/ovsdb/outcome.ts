import type { Row } from './column.js'
import { ProtocolError } from './errors.js'
import { isArray } from './json.js'
import { decodeAtom, decodeRow } from './notation.js'
import type { OperationResult } from './operation.js'
import { inSlices } from './slices.js'
import { Affected, Selection } from './transaction.js'
import { NamedUuid, type Uuid } from './uuid.js'

/** What a handle of a transaction becomes when it is committed; arrays and records of handles become the same of results. */
export type Outcome<R> = R extends NamedUuid
  ? Uuid
  : R extends Selection<infer S>
    ? readonly S[]
    : R extends Affected
      ? number
      : R extends object
        ? { readonly [M in keyof R]: Outcome<R[M]> }
        : R

/** Rows that are decoded before the event loop gets a turn: some milliseconds. */
const SLICE = 500

/**
 * Replaces handles by what the transaction brought: an inserted row by its uuid, a selection by its rows, an update,
 * mutation or deletion by its count of rows. Many rows are decoded slice by slice, and the result is then a promise.
 * @throws ProtocolError when the server's results are not of that form (also as a rejection)
 */
export function outcomeOf<R>(
  handles: R,
  results: readonly OperationResult[],
): Outcome<R> | Promise<Outcome<R>>
export function outcomeOf(handles: unknown, results: readonly OperationResult[]): unknown {
  return inSlices(new Reading(results).read(handles))
}

/** Puts the results of one transaction in the place of handles. */
class Reading {
  #rows = 0

  constructor(readonly results: readonly OperationResult[]) {}

  *read(handles: unknown): Generator<void, unknown> {
    if (handles instanceof NamedUuid) return decodeAtom('uuid', this.results[handles.index]?.uuid ?? null)
    if (handles instanceof Selection) return yield* this.#rowsOf(handles)
    if (handles instanceof Affected) return decodeAtom('integer', this.results[handles.index]?.count ?? null)
    if (Array.isArray(handles)) {
      const outcome: unknown[] = []
      for (const handle of handles) outcome.push(yield* this.read(handle))
      return outcome
    }
    if (!isRecord(handles)) return handles
    const entries: [string, unknown][] = []
    for (const [name, handle] of Object.entries(handles)) entries.push([name, yield* this.read(handle)])
    return Object.fromEntries(entries)
  }

  *#rowsOf({ index, columns }: Selection): Generator<void, readonly Row[]> {
    const rows = this.results[index]?.rows
    if (!isArray(rows)) throw new ProtocolError('a select has no rows in its result')
    const decoded: Row[] = []
    for (const row of rows) {
      decoded.push(decodeRow(columns, row))
      if (++this.#rows % SLICE === 0) yield
    }
    return decoded
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
