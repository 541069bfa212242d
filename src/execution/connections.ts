import { type Tuple, tupleKey } from './tuple.js'

/** A connection that was committed. */
export interface Connection {
  readonly zone: number
  /** As its first packet was, before translation. */
  readonly original: Tuple
  /** As answers are when they arrive. */
  readonly reply: Tuple
  /** Which end of the original direction is translated. */
  readonly translated?: 'src' | 'dst'
  readonly mark: number
  readonly label: bigint
  /** Whether a packet of the other direction has been seen. */
  readonly answered: boolean
  /** TCP: which sides have ended; a reset ends both. */
  readonly ended: { readonly original: boolean; readonly reply: boolean }
}

export interface Found {
  readonly connection: Connection
  /** Whether the tuple is of the direction opposite to the first packet's. */
  readonly reply: boolean
}

/** The connections that a host tracks, as a value: a change makes a new one. */
export class Connections {
  static readonly none = new Connections(new Map())
  readonly #byKey: ReadonlyMap<string, Found>

  private constructor(byKey: ReadonlyMap<string, Found>) {
    this.#byKey = byKey
  }

  find(zone: number, tuple: Tuple): Found | undefined {
    return this.#byKey.get(tupleKey(zone, tuple))
  }

  /** With the connection, in the place of the one with the same original tuple. */
  with(connection: Connection): Connections {
    const { zone, original, reply } = connection
    const changed = new Map(this.#byKey)
    changed.set(tupleKey(zone, reply), { connection, reply: true })
    changed.set(tupleKey(zone, original), { connection, reply: false })
    return new Connections(changed)
  }

  without({ zone, original, reply }: Connection): Connections {
    const changed = new Map(this.#byKey)
    changed.delete(tupleKey(zone, reply))
    changed.delete(tupleKey(zone, original))
    return new Connections(changed)
  }

  *[Symbol.iterator](): Generator<Connection> {
    for (const { connection, reply } of this.#byKey.values()) if (!reply) yield connection
  }
}
