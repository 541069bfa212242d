import type { Run } from './command.js'
import type { Database } from './database.js'
import { AttachError } from './error.js'
import { removeLink } from './links.js'
import { deletePorts, portsOf } from './ports.js'

/** Time for a database that has gone to come back: a monitor starts ovsdb-server again within a second. */
const databaseWithinMs = 10_000

/** What one attach has made so far, to be taken back if it fails. */
export class Undo {
  readonly #pairs = new Set<string>()
  readonly #ports = new Set<string>()

  constructor(
    readonly run: Run,
    readonly database: Database,
  ) {}

  /** A pair is about to be made; `name` is its end on the host. */
  pair(name: string): void {
    this.#pairs.add(name)
  }

  /** The port of an interface is about to be made. */
  port(interfaceId: string): void {
    this.#ports.add(interfaceId)
  }

  /**
   * Takes everything back and returns the error to be thrown: the one that was given, or AttachError `left-behind` with
   * that one as its cause.
   */
  async after(error: unknown): Promise<unknown> {
    const left = [...(await this.#removePorts()), ...(await this.#removePairs())]
    if (left.length === 0) return error
    const why = error instanceof Error ? error.message : String(error)
    return new AttachError('left-behind', [why, ...left, 'sluice detach removes it'].join('\n'), {
      cause: error,
    })
  }

  async #removePorts(): Promise<string[]> {
    if (this.#ports.size === 0) return []
    try {
      await this.database.connected(databaseWithinMs)
      const ports = this.database.ports()
      const made = [...this.#ports].flatMap((id) => portsOf(ports, id))
      if (made.length > 0) await this.database.transact((tx) => deletePorts(tx, made))
      return []
    } catch (error) {
      if (!(error instanceof AttachError)) throw error
      return [`left in the database: the port of ${[...this.#ports].join(', ')} (${error.message})`]
    }
  }

  async #removePairs(): Promise<string[]> {
    const left: string[] = []
    for (const name of this.#pairs) {
      try {
        await removeLink(this.run, name)
      } catch (error) {
        if (!(error instanceof AttachError)) throw error
        left.push(`left on the host: device ${name} (${error.message})`)
      }
    }
    return left
  }
}
