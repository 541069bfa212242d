/** Requests and their replies over a channel, once the version is known. */
import { DecodeError, Writer } from '../bytes.js'
import { decodeMessage, encodeMessage, type Message, type MessageBy } from '../message.js'
import { multipartReplyType } from '../messages/kind.js'
import type { Version } from '../version.js'
import type { Channel } from './channel.js'
import { type Draft, type MultipartDraft, type ReplyTo, type RequestDraft, replyType } from './draft.js'
import { OpenFlowError } from './errors.js'
import type { Waiters } from './waiters.js'

const errorType = 1
const moreFlag = 1
/** Messages are written one behind the other in pieces of memory of this size. */
const chunkSize = 0x4000

/** Gives the answer to a promise; what goes wrong while it looks at the answer is the promise's failure. */
type Settle<T> = { resolve: (value: T) => void; reject: (error: Error) => void }

export class Exchange {
  readonly #writer = new Writer(chunkSize)

  constructor(
    readonly version: Version,
    readonly channel: Channel,
    readonly waiters: Waiters,
  ) {}

  /** The bytes of a message in the version of the exchange. */
  encode(message: Message): Buffer {
    return encodeMessage(message, this.version, this.#writer)
  }

  /** Sends a message and answers its transaction id. */
  send(draft: Draft): number {
    const xid = this.waiters.nextXid()
    this.channel.write(this.encode({ ...draft, xid } as Message))
    return xid
  }

  /** Sends a request; `take` looks at each message of the answer and says whether it was the last. */
  #ask<T>(draft: Draft, take: (bytes: Buffer, settle: Settle<T>) => boolean): Promise<T> {
    const { end } = this.channel
    if (end !== undefined) return Promise.reject(end)
    return new Promise((resolve, reject) => {
      const xid = this.waiters.nextXid()
      const bytes = this.encode({ ...draft, xid } as Message)
      this.waiters.add(xid, {
        take: (reply) => {
          try {
            if (reply[1] === errorType) {
              reject(this.#refusal(reply))
              return true
            }
            return take(reply, { resolve, reject })
          } catch (error) {
            reject(error instanceof Error ? error : new DecodeError(String(error), 0))
            return reply[1] !== multipartReplyType || isLast(reply)
          }
        },
        fail: reject,
      })
      this.channel.write(bytes)
    })
  }

  #refusal(bytes: Buffer): Error {
    const message = decodeMessage(bytes, this.version)
    return message.type === 'error'
      ? new OpenFlowError(message, this.version)
      : new DecodeError(`${message.type} instead of an error`, 1)
  }

  request<D extends RequestDraft>(draft: D): Promise<MessageBy<ReplyTo<D['type']>>> {
    type Reply = ReplyTo<D['type']>
    const expected = replyType(draft.type)
    return this.#ask<MessageBy<Reply>>(draft, (bytes, { resolve, reject }) => {
      const message = decodeMessage(bytes, this.version)
      if (isReply<Reply>(message, expected)) resolve(message)
      else reject(new DecodeError(`${message.type} in reply to ${draft.type}`, 1))
      return true
    })
  }

  async multipart<D extends MultipartDraft>(draft: D): Promise<MessageBy<ReplyTo<D['type']>>[]> {
    type Reply = ReplyTo<D['type']>
    const expected = replyType(draft.type)
    const parts: MessageBy<Reply>[] = []
    await this.multipartBytes(draft, (bytes) => {
      const message = decodeMessage(bytes, this.version)
      if (!isReply<Reply>(message, expected))
        throw new DecodeError(`${message.type} in reply to ${draft.type}`, 1)
      parts.push(message)
    })
    return parts
  }

  multipartBytes(draft: MultipartDraft, onPart: (bytes: Buffer) => void): Promise<void> {
    let failed = false
    return this.#ask<void>(draft, (bytes, { resolve, reject }) => {
      if (bytes[1] !== multipartReplyType || bytes.length < 16) {
        reject(new DecodeError(`no multipart reply to ${draft.type}`, 1))
        return true
      }
      if (!failed) {
        failed = true
        onPart(bytes)
        failed = false
      }
      if (isLast(bytes)) resolve()
      return isLast(bytes)
    })
  }

  /** Sends messages that have no reply, and a barrier; rejects with the first refusal. */
  async apply(drafts: readonly Draft[]): Promise<void> {
    const refusals: Error[] = []
    const xids = drafts.map((draft) => {
      const xid = this.waiters.nextXid()
      const bytes = this.encode({ ...draft, xid } as Message)
      const take = (reply: Buffer) => {
        refusals.push(this.#refusal(reply))
        return true
      }
      this.waiters.add(xid, { take, fail: () => undefined })
      this.channel.write(bytes)
      return xid
    })
    try {
      await this.request({ type: 'barrierRequest' })
    } finally {
      for (const xid of xids) this.waiters.remove(xid)
    }
    if (refusals[0] !== undefined) throw refusals[0]
  }
}

function isLast(bytes: Buffer): boolean {
  return bytes.length < 12 || (bytes.readUInt16BE(10) & moreFlag) === 0
}

function isReply<T extends Message['type']>(message: Message, type: string): message is MessageBy<T> {
  return message.type === type
}
