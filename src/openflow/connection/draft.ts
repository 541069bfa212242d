/** Messages about to be sent, and the types of their replies. */
import type { kinds } from '../kinds.js'
import type { MessageBy, MessageType } from '../message.js'

type WithoutXid<M> = M extends unknown ? Omit<M, 'xid'> : never

/** A message whose transaction id the connection chooses. */
export type Draft<T extends MessageType = MessageType> = WithoutXid<MessageBy<T>>

/** Requests with one reply, or a list of parts, that carries their transaction id. */
export type RequestType = Extract<MessageType, `${string}Request`> | 'bundleControl'
type PartsName = Extract<(typeof kinds)[number], { readonly parts: true }>['name']
export type MultipartType = Extract<PartsName, `${string}Request`>
/** A request with one reply. */
export type RequestDraft = Draft<RequestType>
/** A request whose reply comes in parts. */
export type MultipartDraft = Draft<MultipartType>

/** The type of the reply to a request. */
export type ReplyTo<T extends MessageType> = T extends 'bundleControl'
  ? 'bundleControl'
  : T extends `${infer N}Request`
    ? Extract<MessageType, `${N}Reply`>
    : never

/** {@link ReplyTo} of a value. */
export function replyType(request: string): string {
  return request.replace(/Request$/, 'Reply')
}
