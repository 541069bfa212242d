/** Where messages from the switch go: to who waits for them, or to all who listen. */
import { Observable, Subject } from 'rxjs'
import { DecodeError } from '../bytes.js'
import { decodeMessage, type Message, type MessageBy } from '../message.js'
import type { Version } from '../version.js'
import type { Channel } from './channel.js'
import type { Clock } from './clock.js'
import type { Waiters } from './waiters.js'

/** A message that could not be decoded: the connection goes on without it. */
export interface Fault {
  readonly error: DecodeError
  readonly bytes: Buffer
}

/** Looks at an error that no request waits for; true when it was its own. */
export type ErrorWatcher = (error: MessageBy<'error'>) => boolean

const echoRequestType = 2
const echoReplyType = 3

export class Dispatcher {
  readonly events: Observable<Message>
  readonly faults: Observable<Fault>
  readonly errorWatchers = new Set<ErrorWatcher>()
  readonly #version: Version
  readonly #channel: Channel
  readonly #waiters: Waiters
  readonly #events = new Subject<Message>()
  readonly #faults = new Subject<Fault>()
  /** What came before the first subscriber had a chance to subscribe. */
  #early: Message[] | undefined = []

  constructor(version: Version, channel: Channel, waiters: Waiters) {
    this.#version = version
    this.#channel = channel
    this.#waiters = waiters
    this.faults = this.#faults.asObservable()
    this.events = new Observable((subscriber) => {
      const early = this.#early ?? []
      this.#early = undefined
      for (const message of early) subscriber.next(message)
      return this.#events.subscribe(subscriber)
    })
    channel.onMessage = (bytes) => this.#take(bytes)
    void channel.closed.then((end) => {
      waiters.failAll(end)
      this.#events.complete()
      this.#faults.complete()
    })
  }

  /** From a moment after the start on, events without a subscriber are gone. */
  startLive(clock: Clock): void {
    clock.schedule(0, () => {
      this.#early = undefined
    })
  }

  #take(bytes: Buffer): void {
    const type = bytes[1]
    if (type === echoRequestType) {
      const reply = Buffer.from(bytes)
      reply[1] = echoReplyType
      this.#channel.write(reply)
      return
    }
    if (this.#waiters.take(bytes.readUInt32BE(4), bytes) || type === echoReplyType) return
    try {
      this.#publish(decodeMessage(bytes, this.#version))
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#faults.next({ error, bytes })
    }
  }

  #publish(message: Message): void {
    if (message.type === 'error') for (const watch of this.errorWatchers) if (watch(message)) return
    this.#early?.push(message)
    this.#events.next(message)
  }
}
