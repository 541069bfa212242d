import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Lab } from '../../../src/lab/index.js'

interface Waiter {
  readonly pattern: RegExp
  readonly resolve: (line: string) => void
}

/** A program that runs inside a namespace of a lab while a test does something else. */
export class Program {
  /** Lines of its standard output so far, empty ones left out. */
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #errors: string[] = []
  readonly #waiters = new Set<Waiter>()
  readonly #closed: Promise<unknown>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#closed = once(child, 'close')
    this.#read(child.stdout, this.lines)
    this.#read(child.stderr, this.#errors)
  }

  /** Starts it, and returns when a line of its output or of its errors matches `ready`. */
  static async start(lab: Lab, namespace: string, argv: readonly string[], ready: RegExp): Promise<Program> {
    const program = new Program(lab.spawn(namespace, argv, { stdio: 'pipe' }))
    await program.line(ready)
    return program
  }

  /** The first line that matches, of those that are there or that come within `timeoutMs`. */
  async line(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    const found = [...this.lines, ...this.#errors].find((line) => pattern.test(line))
    if (found !== undefined) return found
    let timer: NodeJS.Timeout | undefined
    let waiter: Waiter | undefined
    try {
      return await new Promise((resolve, reject) => {
        waiter = { pattern, resolve }
        this.#waiters.add(waiter)
        timer = setTimeout(() => {
          const said = [...this.#errors, ...this.lines].join('\n')
          reject(new Error(`no line ${pattern} within ${timeoutMs} ms of:\n${said}`))
        }, timeoutMs)
      })
    } finally {
      clearTimeout(timer)
      if (waiter) this.#waiters.delete(waiter)
    }
  }

  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends its input and waits for it to end by itself. */
  async finish(): Promise<readonly string[]> {
    this.#child.stdin?.end()
    await this.#closed
    return this.lines
  }

  /** Ends it; harmless when it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<readonly string[]> {
    this.#child.kill(signal)
    await this.#closed
    return this.lines
  }

  #read(stream: Readable | null, into: string[]): void {
    if (!stream) return
    createInterface(stream).on('line', (line) => {
      if (line === '') return
      into.push(line)
      for (const { pattern, resolve } of this.#waiters) if (pattern.test(line)) resolve(line)
    })
  }
}
