import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../src/lab/index.js'

/** Runs `ovs-ofctl -O OpenFlow15` on a host, which must succeed. */
export function ofctl(lab: Lab, host: string, ...args: readonly string[]): Promise<string> {
  return succeed(lab, host, ['ovs-ofctl', '-O', 'OpenFlow15', ...args])
}

/** Standard output of a command in the lab that must succeed. */
export async function succeed(lab: Lab, name: string, argv: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await lab.exec(name, argv)
  if (status !== 0) throw new Error(`${name}: ${argv.join(' ')}: ${status} ${stdout}${stderr}`)
  return stdout
}

/** The lines of `dump-flows` without the reply's header, as the switch orders them. */
export async function dumpFlows(
  lab: Lab,
  host: string,
  bridge = 'br-int',
  ...options: string[]
): Promise<string[]> {
  const text = await ofctl(lab, host, '--no-names', ...options, 'dump-flows', bridge)
  return text.split('\n').filter((line) => /(^|,) ?(priority|actions)=|table=| actions=/.test(line))
}

/** Flows without counters and ages, sorted: what a switch does. */
export async function plainFlows(lab: Lab, host: string, bridge = 'br-int'): Promise<string[]> {
  return (await dumpFlows(lab, host, bridge, '--no-stats')).sort()
}

/** Flows of several hosts, by host. */
export async function flowsByHost(
  lab: Lab,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  return new Map(await Promise.all(hosts.map(async (host) => [host, await plainFlows(lab, host)] as const)))
}

/** What differs between two readings of {@link flowsByHost}: lines with + or - before the host and the flow. */
export function difference(
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return [...before.keys()].flatMap((host) => {
    const had = new Set(before.get(host))
    const has = new Set(after.get(host))
    return [
      ...[...had].filter((flow) => !has.has(flow)).map((flow) => `- ${host}${flow}`),
      ...[...has].filter((flow) => !had.has(flow)).map((flow) => `+ ${host}${flow}`),
    ]
  })
}

/** A flow in a table that is nobody's, as a mark in what a switch reports. */
const mark = 'table=253,priority=1,in_port=65000'

/** Every change of a bridge's flows as the switch reports it to somebody who only watches. */
export class FlowWatch {
  readonly #lab: Lab
  readonly #host: string
  readonly #child: ChildProcess
  #text = ''

  private constructor(lab: Lab, host: string, child: ChildProcess) {
    this.#lab = lab
    this.#host = host
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text
    })
  }

  /** Returns once the switch reports. */
  static async start(lab: Lab, host: string): Promise<FlowWatch> {
    const argv = ['ovs-ofctl', '-O', 'OpenFlow15', 'monitor', 'br-int', 'watch:!initial']
    const watch = new FlowWatch(lab, host, lab.spawn(host, argv, { stdio: ['ignore', 'ignore', 'pipe'] }))
    await until('the watch to begin', async () => (await watch.#fence()) > 0, 10)
    watch.#text = ''
    return watch
  }

  /** What has been reported up to now, one line for each change. */
  async events(): Promise<readonly string[]> {
    const before = this.#marks()
    await until('the mark', async () => (await this.#fence()) > before, 10)
    return this.#lines().filter((line) => !line.includes('table=253'))
  }

  /** Ends the watch with {@link events}. */
  async stop(): Promise<readonly string[]> {
    const events = await this.events()
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
    return events
  }

  async #fence(): Promise<number> {
    await ofctl(this.#lab, this.#host, 'add-flow', 'br-int', `${mark},actions=drop`)
    await ofctl(this.#lab, this.#host, 'del-flows', 'br-int', 'table=253')
    await sleep(50)
    return this.#marks()
  }

  #marks(): number {
    return this.#lines().filter((line) => line.includes('table=253') && line.includes('DELETED')).length
  }

  #lines(): readonly string[] {
    return this.#text.split('\n').filter((line) => line.includes(' event='))
  }
}

/** Waits until something holds; rejects with what was waited for when `seconds` have gone by. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 20,
): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`)
    await sleep(20)
  }
}
