/** What can go wrong with a connection to a switch. */
import { errorName, errorTypeName } from '../error-names.js'
import type { MessageBy } from '../message.js'
import type { Version } from '../version.js'

/** The switch refused a request. */
export class OpenFlowError extends Error {
  override readonly name = 'OpenFlowError'
  readonly code = 'openflow-error'
  /** Such as `OFPET_BAD_REQUEST` and `OFPBRC_BAD_TYPE`; numbers where there are no names. */
  readonly typeName: string
  readonly codeName: string

  /** @param reply the error message; its `data` begins with the message that failed */
  constructor(
    readonly reply: MessageBy<'error'>,
    version: Version,
  ) {
    const typeName = errorTypeName(reply.errorType) ?? `type ${reply.errorType}`
    const codeName = errorName(reply, version) ?? `code ${reply.errorCode}`
    super(`${typeName}: ${codeName}`)
    this.typeName = typeName
    this.codeName = codeName
  }
}

/** No session: the versions do not agree, or the peer does not speak OpenFlow. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly code = 'handshake-failed'
}

/** Why a connection ended. */
export type CloseReason =
  /** We closed it, the peer did, it did not answer for too long, the stream failed, it sent what is no OpenFlow. */
  'local' | 'peer' | 'silence' | 'stream' | 'protocol'

/** The connection is no more; also what pending requests are rejected with. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed'
  readonly code = 'connection-closed'
  constructor(
    readonly reason: CloseReason,
    options?: ErrorOptions,
  ) {
    super(`connection closed (${reason})`, options)
  }
}

/** A bundle was not applied, unless `cause` is a {@link ConnectionClosed} after the commit was sent: then nobody knows. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
  readonly code = 'bundle-failed'
  constructor(
    /** Which of the messages the switch refused, counted from 0; undefined when it is none of them. */
    readonly index: number | undefined,
    override readonly cause: Error,
  ) {
    super(index === undefined ? cause.message : `message ${index}: ${cause.message}`, { cause })
  }
}

/** An address that is none of those that {@link parseAddress} takes. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
  readonly code = 'bad-address'
}
