/** Replies find their requests by transaction id. */
import type { ConnectionClosed } from './errors.js'

/** Somebody who waits for messages with one transaction id. */
export interface Waiter {
  /** Takes a message; true when it was the last. */
  take(bytes: Buffer): boolean
  fail(error: ConnectionClosed): void
}

export class Waiters {
  readonly #byXid = new Map<number, Waiter>()
  #last = 0

  /** A transaction id that nobody waits for; never 0, which the switch uses for what nobody asked for. */
  nextXid(): number {
    do this.#last = this.#last >= 0xffffffff ? 1 : this.#last + 1
    while (this.#byXid.has(this.#last))
    return this.#last
  }

  add(xid: number, waiter: Waiter): void {
    this.#byXid.set(xid, waiter)
  }

  remove(xid: number): void {
    this.#byXid.delete(xid)
  }

  /** Gives a message to who waits for it; false when nobody does. */
  take(xid: number, bytes: Buffer): boolean {
    const waiter = this.#byXid.get(xid)
    if (waiter === undefined) return false
    if (waiter.take(bytes)) this.#byXid.delete(xid)
    return true
  }

  failAll(error: ConnectionClosed): void {
    const waiting = [...this.#byXid.values()]
    this.#byXid.clear()
    for (const waiter of waiting) waiter.fail(error)
  }
}
