import { type Json, showJson } from './json-value.js'

/** The endpoint text names no place that can be dialled. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError'
  readonly code = 'endpoint'
  constructor(
    readonly text: string,
    reason: string,
  ) {
    super(`endpoint "${text}": ${reason}`)
  }
}

/** Whether a request that got no reply may nevertheless have changed the database. */
export interface Unanswered {
  readonly mayHaveBeenApplied: boolean
}

/** There is no connection, or it ended. `mayHaveBeenApplied` is false only when the request never left. */
export class ConnectionError extends Error implements Unanswered {
  override readonly name = 'ConnectionError'
  readonly code = 'connection'
  readonly mayHaveBeenApplied: boolean
  constructor(reason: string, options: ErrorOptions & Partial<Unanswered> = {}) {
    super(reason, options)
    this.mayHaveBeenApplied = options.mayHaveBeenApplied ?? false
  }
}

/** No reply in the time that the caller granted. The request was sent, so it may have been applied. */
export class TimeoutError extends Error implements Unanswered {
  override readonly name = 'TimeoutError'
  readonly code = 'timeout'
  readonly mayHaveBeenApplied = true
  constructor(
    readonly method: string,
    readonly timeoutMs: number,
  ) {
    super(`no reply to ${method} within ${timeoutMs} ms`)
  }
}

/** The peer sent what JSON-RPC 1.0 or RFC 7047 does not allow. The connection is given up. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code = 'protocol'
}

/** The server answered a whole request with an error, for example "unknown method" (RFC 7047 §4). */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code = 'request'
  constructor(
    readonly method: string,
    readonly error: Json,
  ) {
    super(`${method}: ${typeof error === 'string' ? error : showJson(error)}`)
  }
}

/**
 * The caller called the transaction off. Nothing was applied when the server confirmed that, as RFC 7047 §4.1.4 wants.
 * ovsdb-server drops a transaction without a word; with a clustered database it may then be on its way nevertheless.
 */
export class CanceledError extends Error implements Unanswered {
  override readonly name = 'CanceledError'
  readonly code = 'canceled'
  readonly mayHaveBeenApplied: boolean
  constructor(reason: string, options: ErrorOptions & Partial<Unanswered> = {}) {
    super(reason, options)
    this.mayHaveBeenApplied = options.mayHaveBeenApplied ?? false
  }
}

/** One operation failed and with it the whole transaction; nothing was applied (RFC 7047 §4.1.3). */
export class OperationError extends Error {
  override readonly name = 'OperationError'
  readonly code = 'operation'
  constructor(
    /** Position in the transaction, from 0. */
    readonly index: number,
    /** What the operation was: "insert", "wait"… */
    readonly op: string,
    /** The server's name of the error, for example "timed out" or "constraint violation". */
    readonly error: string,
    readonly details: string | undefined,
  ) {
    super(`operation ${index} (${op}): ${error}${details === undefined ? '' : `: ${details}`}`)
  }
}

/** Every operation went well but the commit failed; nothing was applied (RFC 7047 §4.1.3). */
export class CommitError extends Error {
  override readonly name = 'CommitError'
  readonly code = 'commit'
  constructor(
    readonly error: string,
    readonly details: string | undefined,
  ) {
    super(`commit: ${error}${details === undefined ? '' : `: ${details}`}`)
  }
}

/** The database lacks what the program declares, or has it in another type. `problems` lists all of it. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  readonly code = 'schema'
  constructor(
    readonly database: string,
    readonly problems: readonly string[],
  ) {
    super(`schema of ${database}: ${problems.join('; ')}`)
  }
}

/**
 * The server is not the one to talk to: its copy of a clustered database is cut off from the majority, is not the
 * leader's although that was asked for, is of another cluster, or is older than what was seen already.
 */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code = 'cluster'
  constructor(
    readonly database: string,
    readonly problem: 'not connected' | 'not leader' | 'other cluster' | 'outdated',
  ) {
    super(`the server's copy of ${database} is unfit: ${problem}`)
  }
}

/** A value that its column cannot hold, or that JavaScript cannot hold without loss. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
  readonly code = 'value'
}
