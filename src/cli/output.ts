import { once } from 'node:events'
import { styleText } from 'node:util'
import { toJson } from '../api/json.js'
import type { Io, OutputStream } from './io.js'

type Style = 'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow'

/** Writes answers to standard output, messages and progress to standard error. */
export class Output {
  #progress = false

  constructor(private readonly io: Io) {}

  /** Writes text as it is; resolves once there is room for more. */
  async write(text: string): Promise<void> {
    if (!this.io.stdout.write(text)) await once(this.io.stdout, 'drain')
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`)
  }

  /** One JSON value. */
  json(value: unknown): Promise<void> {
    return this.line(toJson(value, 2))
  }

  /** An array of any length, one item per line. */
  async jsonArray(items: AsyncIterable<unknown>): Promise<void> {
    let before = '['
    for await (const item of items) {
      await this.write(`${before}\n${toJson(item)}`)
      before = ','
    }
    await this.write(before === '[' ? '[]\n' : '\n]\n')
  }

  /** A message for the person who runs the command. */
  message(text: string): void {
    this.endProgress()
    this.io.stderr.write(`${text}\n`)
  }

  /** What a long command is doing, in place of what was said before; only on a terminal that shows nothing else. */
  progress(text: string): void {
    if (!this.showsProgress) return
    this.io.stderr.write(`\r\u001b[K${text}`)
    this.#progress = true
  }

  endProgress(): void {
    if (this.#progress) this.io.stderr.write('\r\u001b[K')
    this.#progress = false
  }

  get showsProgress(): boolean {
    return this.io.stderr.isTTY === true
  }

  get answersOnTerminal(): boolean {
    return this.io.stdout.isTTY === true
  }

  /** Colours text for standard output. */
  paint(style: Style, text: string): string {
    return this.#colours(this.io.stdout) ? styleText(style, text, { validateStream: false }) : text
  }

  #colours(stream: OutputStream): boolean {
    const { NO_COLOR, TERM } = this.io.env
    return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'
  }
}
