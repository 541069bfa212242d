import type { FlowView } from '../api/contract.js'

/** What passed a flow between two readings. */
export interface Rates {
  readonly packetsPerSecond: number
  readonly bytesPerSecond: number
}

interface Reading {
  readonly packets: bigint
  readonly bytes: bigint
  readonly atMs: number
}

/** Remembers the counters of each flow, and compares the next reading with them. */
export class RateMeter {
  readonly #readings = new Map<string, Reading>()

  /** Notes a flow's counters, read at `atMs` of any clock that only moves on. */
  note(flow: FlowView, atMs: number): void {
    this.#readings.set(keyOf(flow), { packets: BigInt(flow.packets), bytes: BigInt(flow.bytes), atMs })
  }

  /** Rates since the reading that was noted; zero for a flow that is new or was counted anew. */
  rates(flow: FlowView, atMs: number): Rates {
    const before = this.#readings.get(keyOf(flow))
    if (before === undefined || atMs <= before.atMs) return { packetsPerSecond: 0, bytesPerSecond: 0 }
    const perSecond = (now: string, then: bigint) => {
      const difference = Number(BigInt(now) - then)
      return difference < 0 ? 0 : (difference * 1000) / (atMs - before.atMs)
    }
    return {
      packetsPerSecond: perSecond(flow.packets, before.packets),
      bytesPerSecond: perSecond(flow.bytes, before.bytes),
    }
  }
}

function keyOf(flow: FlowView): string {
  return `${flow.host} ${flow.bridge ?? ''} ${flow.table} ${flow.priority} ${flow.cookie} ${flow.match}`
}
