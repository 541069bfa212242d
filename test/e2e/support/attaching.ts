import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { portName } from '../../../src/attach/index.js'
import { succeed } from './open-vswitch.js'
import { program } from './programs.js'
import type { TestCluster } from './test-cluster.js'

/** Network namespaces of a test, which end with it, or with the lab whose name they begin with. */
export class Containers {
  readonly #namespaces = new Set<string>()
  #count = 0

  constructor(
    t: ExecutionContext,
    readonly prefix: string,
  ) {
    t.teardown(async () => {
      for (const name of this.#namespaces) await this.remove(name)
    })
  }

  /** A new named namespace. */
  async add(name = `${this.prefix}.c${this.#count++}`): Promise<string> {
    this.#namespaces.add(name)
    await ip('netns', 'add', name)
    return name
  }

  async remove(name: string): Promise<void> {
    this.#namespaces.delete(name)
    await ip('netns', 'del', name)
  }
}

/** Runs ip(8), which must succeed. */
export function ip(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ip', args, (error, stdout) => (error ? reject(error) : resolve(stdout)))
  })
}

/** A process in a namespace that has no name; it ends with the test. */
export async function anonymous(t: ExecutionContext): Promise<number> {
  const child = spawn('unshare', ['-n', 'sh', '-c', 'echo ready; exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  })
  await once(child.stdout, 'data')
  if (child.pid === undefined) throw new Error('unshare has not started')
  return child.pid
}

/** Runs the program inside a host of the cluster. */
export function onHost(cluster: TestCluster, host: string, args: readonly string[], env = {}) {
  return cluster.lab.exec(host, [process.execPath, program, ...args], { env })
}

/** What attach has made on a host: `device NAME` and `port NAME`, apart from what the lab itself has plugged in. */
export async function remains(cluster: TestCluster, host: string): Promise<readonly string[]> {
  const labs = new Set(cluster.lab.status().workloads.map(({ name }) => portName(name)))
  const links = await succeed(cluster.lab, host, ['ip', '-o', 'link', 'show', 'type', 'veth'])
  const devices = [...links.matchAll(/^\d+: ([^:@]+)/gm)].map(([, name = '']) => name)
  const ports = await succeed(cluster.lab, host, ['ovs-vsctl', 'list-ports', 'br-int'])
  const isOurs = (name: string) => /^.{1,7}-[\da-f]{7}$/.test(name) && !labs.has(name)
  return [
    ...devices.filter(isOurs).map((name) => `device ${name}`),
    ...ports
      .split('\n')
      .filter(isOurs)
      .map((name) => `port ${name}`),
  ].sort()
}

/** Commands of container runtimes that this machine need not have: each answers as its runtime's does. */
export function fakeRuntimes(directory: string, scripts: Readonly<Record<string, string>>): { PATH: string } {
  mkdirSync(directory, { recursive: true })
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(directory, name), 0o755)
  }
  return { PATH: `${directory}:${process.env.PATH}` }
}
