/** What turns messages into text, by type. */
import type { MessageBy, MessageType } from '../../message.js'
import type { Version } from '../../version.js'

/** Shows messages that are inside of others. */
export type ShowBytes = (bytes: Buffer, verbosity: number) => string

export interface Context {
  readonly version: Version
  readonly show: ShowBytes
  /** 1 without dumps of payloads, 2 with them. */
  readonly verbosity: number
}

/** What stands after `NAME (xid=…):`. */
export type Formatters = {
  readonly [T in MessageType]?: (message: MessageBy<T>, context: Context) => string
}
