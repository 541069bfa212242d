import type { Lab } from '../../../src/lab/index.js'
import { capture } from './capture.js'
import type { Program } from './program.js'

/** From the first to the last frame of a host without a longer silence between, in milliseconds. */
interface Turn {
  readonly start: number
  end: number
}

/** A host that is silent for so long has stopped speaking. */
const silenceMs = 1000

/** Who speaks with a gateway's MAC on the outside wire. */
export class Speakers {
  private constructor(readonly programs: ReadonlyMap<string, Program>) {}

  static async start(lab: Lab, hosts: readonly string[], bridge: string, mac: string): Promise<Speakers> {
    const programs = new Map<string, Program>()
    for (const host of hosts) {
      const device = lab.host(host).uplinkDevice(bridge)
      programs.set(host, await capture(lab, 'wire', `ether src ${mac}`, { device, timed: true }))
    }
    return new Speakers(programs)
  }

  /** Ends the watch: frames of each host, and for how many milliseconds at most two of them spoke at once. */
  async stop(): Promise<{ readonly overlapMs: number; readonly frames: Readonly<Record<string, number>> }> {
    const frames: Record<string, number> = {}
    const turns: (readonly Turn[])[] = []
    for (const [host, program] of this.programs) {
      const times = (await program.stop()).map((line) => 1000 * Number.parseFloat(line))
      frames[host] = times.length
      turns.push(turnsOf(times))
    }
    const overlaps = turns.flatMap((own, index) =>
      own.flatMap((turn) =>
        turns.slice(index + 1).flatMap((others) => others.map((other) => overlap(turn, other))),
      ),
    )
    return { overlapMs: Math.round(Math.max(0, ...overlaps)), frames }
  }
}

function turnsOf(times: readonly number[]): readonly Turn[] {
  const turns: Turn[] = []
  for (const time of times) {
    const last = turns.at(-1)
    if (last && time - last.end < silenceMs) last.end = time
    else turns.push({ start: time, end: time })
  }
  return turns
}

function overlap(one: Turn, other: Turn): number {
  return Math.min(one.end, other.end) - Math.max(one.start, other.start)
}
