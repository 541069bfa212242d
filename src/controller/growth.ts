/** Counters of a flow. */
export interface Count {
  packets: bigint
  bytes: bigint
}

/** A flow's counters as one reading of a switch has them, and what they are for. */
export interface FlowCount<T> {
  readonly key: string
  readonly packets: bigint
  readonly bytes: bigint
  readonly of: T
}

/** What flows have grown by from one reading of a switch to the next. */
export class Growth {
  /** By host, then by flow: what the last reading said. */
  readonly #seen = new Map<string, Map<string, Count>>()

  /** Forgets hosts that are gone. */
  keep(hosts: ReadonlySet<string>): void {
    for (const host of this.#seen.keys()) if (!hosts.has(host)) this.#seen.delete(host)
  }

  /** Takes one reading of a switch, of all flows that count. */
  *since<T>(host: string, flows: Iterable<FlowCount<T>>): Generator<Readonly<Count> & { readonly of: T }> {
    const before = this.#seen.get(host)
    const seen = new Map<string, Count>()
    for (const { key, packets, bytes, of } of flows) {
      const last = before?.get(key)
      // Less than before: the flow has been taken out and put in again.
      const since = last && packets >= last.packets && bytes >= last.bytes ? last : { packets: 0n, bytes: 0n }
      yield { of, packets: packets - since.packets, bytes: bytes - since.bytes }
      seen.set(key, { packets, bytes })
    }
    this.#seen.set(host, seen)
  }
}
