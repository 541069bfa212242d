import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../src/lab/index.js'

/** What came of a ping that ran beside something else. */
export interface PingRecord {
  readonly answered: number
  /** Questions without an answer, other than those after the last one that was answered. */
  readonly lost: readonly number[]
  /** The longest time between two answers, in milliseconds. */
  readonly longestGapMs: number
  /** Further answers to questions that had one. */
  readonly duplicates: number
  /** The TTL of each answer, in the order of the questions. */
  readonly ttls: readonly number[]
}

/** A ping every ten milliseconds, until it is stopped. */
export class Pinging {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  /** The TTL of the answer to each question. */
  readonly #answered = new Map<number, number>()
  #ttl: number | undefined
  #duplicates = 0
  #rest = ''
  #last: number | undefined
  #longestGap = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#closed = once(child, 'close')
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
  }

  /** Returns once the first answer has come, so that nothing is lost to the beginning. */
  static async start(lab: Lab, from: string, to: string): Promise<Pinging> {
    const argv = ['ping', '-n', '-D', '-i', '0.01', to]
    const pinging = new Pinging(lab.spawn(from, argv, { stdio: ['ignore', 'pipe', 'ignore'] }))
    await pinging.answers(1)
    return pinging
  }

  /** Waits for so many further answers: traffic has passed after whatever was before the call. */
  async answers(count = 20, deadlineMs = 30_000): Promise<void> {
    const goal = this.#answered.size + count
    const end = performance.now() + deadlineMs
    while (this.#answered.size < goal) {
      if (performance.now() > end) throw new Error(`fewer than ${count} answers in ${deadlineMs} ms`)
      await sleep(10)
    }
  }

  /** The TTL of the last answer. */
  get ttl(): number | undefined {
    return this.#ttl
  }

  async stop(): Promise<PingRecord> {
    this.#child.kill('SIGINT')
    await this.#closed
    const answers = [...this.#answered].sort(([a], [b]) => a - b)
    const [[first] = [0], [last] = [0]] = [answers[0], answers.at(-1)]
    const lost: number[] = []
    for (let sequence = first; sequence < last; sequence++)
      if (!this.#answered.has(sequence)) lost.push(sequence)
    return {
      answered: this.#answered.size,
      lost,
      longestGapMs: Math.round(this.#longestGap * 1000),
      duplicates: this.#duplicates,
      ttls: answers.map(([, ttl]) => ttl),
    }
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, time, sequence, ttl] =
        /^\[([\d.]+)\] \d+ bytes from .* icmp_seq=(\d+) ttl=(\d+)/.exec(line) ?? []
      if (sequence === undefined) continue
      this.#ttl = Number(ttl)
      if (this.#answered.has(Number(sequence))) this.#duplicates++
      else this.#answered.set(Number(sequence), this.#ttl)
      this.#longestGap = Math.max(this.#longestGap, Number(time) - (this.#last ?? Number(time)))
      this.#last = Number(time)
    }
  }
}

/**
 * A TCP stream of 2 Mbit/s, until it is stopped. Not to be run beside pings that must all be answered: on a machine whose
 * cores are busy starting processes a stream fills the queues in front of the user-space datapath now and then.
 */
export class Streaming {
  readonly #server: ChildProcess
  readonly #client: ChildProcess
  readonly #output: Promise<string>

  private constructor(server: ChildProcess, client: ChildProcess) {
    this.#server = server
    this.#client = client
    this.#output = read(client)
  }

  static async start(lab: Lab, from: string, to: string, address: string): Promise<Streaming> {
    const port = '5201'
    const server = lab.spawn(to, ['iperf3', '-s', '-1', '-p', port], { stdio: 'ignore' })
    await lab.exec(to, ['sh', '-c', `until ss -ltn | grep -q :${port}; do sleep 0.05; done`])
    const argv = ['iperf3', '-c', address, '-p', port, '-b', '2M', '-t', '600', '--json']
    return new Streaming(server, lab.spawn(from, argv, { stdio: ['ignore', 'pipe', 'ignore'] }))
  }

  /** Ends the stream; bytes that were sent in each full second of it. Rejects where the connection had broken. */
  async stop(): Promise<readonly number[]> {
    const broken = this.#client.exitCode !== null
    this.#client.kill('SIGINT')
    const report = JSON.parse(await this.#output)
    this.#server.kill('SIGKILL')
    if (broken) throw new Error(`the stream ended by itself: ${report.error}`)
    const intervals: { sum: { seconds: number; bytes: number } }[] = report.intervals
    return intervals.filter(({ sum }) => sum.seconds > 0.9).map(({ sum }) => sum.bytes)
  }
}

async function read(child: ChildProcess): Promise<string> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await once(child, 'close')
  return text
}
