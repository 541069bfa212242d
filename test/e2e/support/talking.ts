import type { Lab } from '../../../src/lab/index.js'
import type { Program } from './program.js'
import { dial } from './tcp.js'

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
