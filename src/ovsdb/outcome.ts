import type { Row } from './column.js'
import { ProtocolError } from './errors.js'
import { isArray } from './json.js'
import { decodeAtom, decodeRow } from './notation.js'
import type { OperationResult } from './operation.js'
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

/**
 * Replaces handles by what the transaction brought: an inserted row by its uuid, a selection by its rows, an update,
 * mutation or deletion by its count of rows.
 * @throws ProtocolError when the server's results are not of that form
 */
export function outcomeOf<R>(handles: R, results: readonly OperationResult[]): Outcome<R>
export function outcomeOf(handles: unknown, results: readonly OperationResult[]): unknown {
  if (handles instanceof NamedUuid) return decodeAtom('uuid', results[handles.index]?.uuid ?? null)
  if (handles instanceof Selection) return readRows(handles, results)
  if (handles instanceof Affected) return decodeAtom('integer', results[handles.index]?.count ?? null)
  if (Array.isArray(handles)) return handles.map((handle) => outcomeOf(handle, results))
  if (!isRecord(handles)) return handles
  return Object.fromEntries(
    Object.entries(handles).map(([name, handle]) => [name, outcomeOf(handle, results)]),
  )
}

function readRows(selection: Selection, results: readonly OperationResult[]): readonly Row[] {
  const rows = results[selection.index]?.rows
  if (!isArray(rows)) throw new ProtocolError('a select has no rows in its result')
  return rows.map((row) => decodeRow(selection.columns, row))
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
