import type { Bridge } from '../bridges.js'

/** A switch that can be asked for the counters of its flows. */
export interface CountedBridge {
  readonly host: string
  readonly device: Pick<Bridge['device'], 'readCounts'>
}

/** Those that are connected, by host. */
export interface CountedBridges {
  get(host: string): CountedBridge | undefined
}
