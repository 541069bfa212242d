import { CommitError, OperationError, ProtocolError } from './errors.js'
import { isArray, isObject, type Json } from './json.js'

type WireRow = { readonly [column: string]: Json }
type WireWhere = readonly Json[]

/** The operations of a transaction as they are on the wire (RFC 7047 §5.2). */
export type Operation =
  | {
      readonly op: 'insert'
      readonly table: string
      readonly row: WireRow
      readonly 'uuid-name'?: string
      /** Open vSwitch 2.13 and later. */
      readonly uuid?: string
    }
  | {
      readonly op: 'select'
      readonly table: string
      readonly where: WireWhere
      readonly columns?: readonly string[]
    }
  | { readonly op: 'update'; readonly table: string; readonly where: WireWhere; readonly row: WireRow }
  | {
      readonly op: 'mutate'
      readonly table: string
      readonly where: WireWhere
      readonly mutations: readonly Json[]
    }
  | { readonly op: 'delete'; readonly table: string; readonly where: WireWhere }
  | {
      readonly op: 'wait'
      readonly table: string
      readonly where: WireWhere
      readonly columns: readonly string[]
      readonly until: '==' | '!='
      readonly rows: readonly WireRow[]
      readonly timeout?: number
    }
  | { readonly op: 'commit'; readonly durable: boolean }
  | { readonly op: 'abort' }
  | { readonly op: 'comment'; readonly comment: string }
  | { readonly op: 'assert'; readonly lock: string }

/** The result of an operation that went well. */
export type OperationResult = { readonly [member: string]: Json }

/**
 * Reads the result of `transact`: one object per operation, or the reason why nothing was applied (RFC 7047 §4.1.3).
 * @throws OperationError, CommitError, ProtocolError
 */
export function readResults(operations: readonly Operation[], result: Json): readonly OperationResult[] {
  if (!isArray(result)) throw new ProtocolError('the result of a transaction is not an array')
  const results = result.map((entry, index) => {
    if (!isObject(entry))
      throw new ProtocolError(`operation ${index} has no result, and none before it failed`)
    const { error } = entry
    if (typeof error !== 'string') return entry
    const details = typeof entry.details === 'string' ? entry.details : undefined
    const operation = operations[index]
    throw operation
      ? new OperationError(index, operation.op, error, details)
      : new CommitError(error, details)
  })
  if (results.length !== operations.length) {
    throw new ProtocolError(`${operations.length} operations have ${results.length} results`)
  }
  return results
}
