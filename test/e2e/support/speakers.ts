import type { Lab } from '../../../src/lab/index.js'
import { capture } from './capture.js'
import type { Program } from './program.js'

/** Who speaks with a gateway's MAC on the outside wire: times of frames by host, in milliseconds. */
export class Speakers {
  private constructor(
    readonly mac: string,
    readonly programs: ReadonlyMap<string, Program>,
  ) {}

  static async start(lab: Lab, hosts: readonly string[], bridge: string, mac: string): Promise<Speakers> {
    const programs = new Map<string, Program>()
    for (const host of hosts) {
      const device = lab.host(host).uplinkDevice(bridge)
      programs.set(host, await capture(lab, 'wire', `ether src ${mac}`, { device, timed: true }))
    }
    return new Speakers(mac, programs)
  }

  /** Ends the watch; for how many milliseconds at most two hosts spoke at once. */
  async stop(): Promise<{ readonly overlapMs: number; readonly frames: Readonly<Record<string, number>> }> {
    const frames: { readonly host: string; readonly time: number }[] = []
    for (const [host, program] of this.programs)
      for (const line of await program.stop()) {
        const time = Number(/^\d+\.\d+/.exec(line)?.[0])
        if (Number.isFinite(time)) frames.push({ host, time: time * 1000 })
      }
    frames.sort((one, other) => one.time - other.time)
    const counts = Object.fromEntries(
      [...this.programs.keys()].map((host) => [host, frames.filter((frame) => frame.host === host).length]),
    )
    return { overlapMs: Math.round(overlap(frames)), frames: counts }
  }
}

/** The longest time from a host's turn to speak to the last frame of the one before it, of turns that come back soon. */
function overlap(frames: readonly { readonly host: string; readonly time: number }[]): number {
  let longest = 0
  for (const [index, { host, time }] of frames.entries()) {
    const before = frames[index - 1]
    if (before === undefined || before.host === host) continue
    for (const later of frames.slice(index))
      if (later.host === before.host && later.time - time < returnMs)
        longest = Math.max(longest, later.time - time)
  }
  return longest
}

/** A host that speaks again after so long has been given the gateway back. */
const returnMs = 1000
