import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs'
import type { OvsdbClient } from './client.js'
import { ConnectionError, ValueError } from './errors.js'
import { lock, steal, unlock } from './lock.js'

/** An <id> of RFC 7047 §3.1. */
const ID = /^[a-z_][a-z\d_]*$/i

/** A lock that a session holds or waits for; after a reconnection it is asked for again, and not stolen again. */
export class SessionLock {
  /** Whether it is held: at present, then each change. Completes when the lock is given back or the session closed. */
  readonly states: Observable<boolean>
  readonly #held = new BehaviorSubject(false)
  readonly #onUnlock: () => void
  #steal: boolean
  #client: OvsdbClient | undefined

  /**
   * Sessions make these.
   * @throws ValueError when the name is not an <id>: letters, digits and underscores
   */
  constructor(
    readonly name: string,
    options: { readonly steal: boolean; readonly onUnlock: () => void },
  ) {
    if (!ID.test(name)) throw new ValueError(`"${name}" cannot be the name of a lock`)
    this.#steal = options.steal
    this.#onUnlock = options.onUnlock
    this.states = this.#held.pipe(distinctUntilChanged())
  }

  /** Whether it is held at present. To rely on it, a transaction must `assert` the lock. */
  get held(): boolean {
    return this.#held.value
  }

  /** Asks for the lock on a new connection. A refusal ends the connection. */
  async attach(client: OvsdbClient): Promise<void> {
    this.#client = client
    const ask = this.#steal ? steal : lock
    try {
      await ask(client, this.name, (held) => {
        if (this.#client !== client) return
        this.#steal = false
        this.#held.next(held)
      })
    } catch (error) {
      client.close(error instanceof Error ? error : new ConnectionError(String(error), { cause: error }))
    }
  }

  /** The connection has ended, and with it the lock. */
  detach(): void {
    this.#client = undefined
    this.#held.next(false)
  }

  /** The session has ended. */
  complete(): void {
    this.#held.complete()
  }

  /**
   * Gives the lock back, or gives up waiting for it. Without a connection there is nothing to give back.
   * @throws RequestError, ConnectionError (rejections); the lock is then gone with the connection
   */
  async unlock(): Promise<void> {
    const client = this.#client
    this.detach()
    this.complete()
    this.#onUnlock()
    if (client) await unlock(client, this.name)
  }
}
