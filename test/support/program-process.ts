import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'

const program = fileURLToPath(new URL('run-fake.js', import.meta.url))

/** A process of the program, ended with the test. */
export class ProgramProcess {
  stdout = ''
  stderr = ''
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>
  readonly child: ChildProcess

  constructor(t: ExecutionContext, args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    this.exited = once(child, 'close').then(([code, signal]) => [code, signal] as const)
    child.stdout.on('data', (chunk) => {
      this.stdout += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      this.stderr += String(chunk)
    })
    t.teardown(() => child.kill('SIGKILL'))
  }

  /** Resolves once `text` has been printed. */
  async printed(stream: 'stdout' | 'stderr', text: string): Promise<void> {
    const ended = this.exited.then(() => true)
    while (!this[stream].includes(text)) {
      const more = once(this.child[stream] ?? this.child, 'data').then(() => false)
      if (await Promise.race([more, ended])) {
        if (this[stream].includes(text)) return
        throw new Error(`the program ended without ${JSON.stringify(text)}: ${this.stdout}${this.stderr}`)
      }
    }
  }
}
