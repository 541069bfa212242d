import type { Lab } from '../../../src/lab/index.js'
import { Program } from './program.js'
import { dial } from './tcp.js'

/** A ping every 10 ms that goes on while a test does something else. */
export class Pinging {
  private constructor(readonly program: Program) {}

  static async start(lab: Lab, from: string, to: string): Promise<Pinging> {
    return new Pinging(await Program.start(lab, from, ['ping', '-n', '-i', '0.01', to], /bytes from/))
  }

  /** Count of answers, and the numbers of the requests before the last answer that got none. */
  async stop(): Promise<{ answers: number; lost: readonly number[] }> {
    const lines = await this.program.stop()
    const answered = new Set(lines.flatMap((line) => /icmp_seq=(\d+)/.exec(line)?.[1] ?? []).map(Number))
    const last = Math.max(...answered)
    const all = Array.from({ length: last }, (_, i) => i + 1)
    return { answers: answered.size, lost: all.filter((n) => !answered.has(n)) }
  }
}

/** A TCP connection on which a line goes to an echo server and back every 10 ms. */
export class Talking {
  #said = 0
  readonly #timer: NodeJS.Timeout

  private constructor(readonly program: Program) {
    this.#timer = setInterval(() => this.program.write(`${++this.#said}\n`), 10)
  }

  static async start(lab: Lab, from: string, to: string, port: number): Promise<Talking> {
    return new Talking(await dial(lab, from, to, port))
  }

  /** Whether every line has come back, in order, on the one connection. */
  async stop(): Promise<boolean> {
    clearInterval(this.#timer)
    await this.program.line(new RegExp(`^${this.#said}$`))
    const lines = await this.program.stop()
    return lines.slice(1).every((line, i) => line === String(i + 1)) && lines.length === this.#said + 1
  }
}
