import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { inParallel } from '../attach/index.js'
import { ipBatch, marker, output } from './command.js'
import { LabError } from './error.js'
import { namespaceOf, type Site } from './names.js'
import type { NamespaceThing } from './thing.js'

/** Where iproute2 keeps the names of network namespaces (ip-netns(8)). */
const netnsDirectory = '/run/netns'

const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))

function unless<T>(codes: readonly string[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, codes)) return undefined
    throw error
  }
}

/** `read()`, or undefined where the file (or the process behind a file of /proc) is not there, or no more. */
export const unlessGone = <T>(read: () => T): T | undefined => unless(['ENOENT', 'ESRCH'], read)

/** The same, and undefined for a process that this one may not look into: no lab started such a one. */
const unlessHidden = <T>(read: () => T): T | undefined => unless(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'], read)

/** The lab's network namespaces that exist, by their full names. */
export const namespacesOf = (site: Site): string[] =>
  (unlessGone(() => readdirSync(netnsDirectory)) ?? []).filter((name) => name.startsWith(`${site.name}.`))

/** Whether the name stands for a namespace: after a crash or a reboot it can be a bare file. */
export const isNamespace = (name: string): boolean => {
  const bare = unlessGone(() => statSync(netnsDirectory).dev)
  const own = unlessGone(() => statSync(`${netnsDirectory}/${name}`).dev)
  return own !== undefined && own !== bare
}

/** The inode that names the namespace in /proc/PID/ns/net. */
const inodeOf = (namespace: string): number | undefined =>
  unlessGone(() => statSync(`${netnsDirectory}/${namespace}`).ino)

const inodeOfProcess = (pid: number): number | undefined =>
  unlessHidden(() => Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0]))

/** Whether this process lives, in this namespace. */
export const runsIn = (pid: number, namespace: string): boolean => {
  const inode = inodeOf(namespace)
  return inode !== undefined && inodeOfProcess(pid) === inode && !hasEnded(pid)
}

/** Whether there is no such process, or only what its parent has not yet fetched: a thread may outlive the first one. */
export const hasEnded = (pid: number): boolean =>
  unlessGone(
    () =>
      / \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1')) &&
      readdirSync(`/proc/${pid}/task`).length < 2,
  ) ?? true

const allPids = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && !hasEnded(pid))

/** The processes inside these namespaces. */
export function processesIn(namespaces: readonly string[]): number[] {
  const inodes = new Set(namespaces.map(inodeOf))
  return allPids().filter((pid) => {
    const inode = inodeOfProcess(pid)
    return inode !== undefined && inodes.has(inode)
  })
}

/** The processes that bear the lab's mark in their environment, other than this one and those that started it. */
export function markedProcesses(site: Site): number[] {
  const mark = `\0${marker}=${site.name}\0`
  const ancestors = ancestorsOf(process.pid)
  return allPids().filter(
    (pid) =>
      !ancestors.has(pid) &&
      unlessHidden(() => `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(mark)),
  )
}

function ancestorsOf(pid: number): Set<number> {
  const status = unlessGone(() => readFileSync(`/proc/${pid}/status`, 'latin1')) ?? ''
  const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0)
  return parent > 1 ? ancestorsOf(parent).add(pid) : new Set([pid])
}

/** Sends the signal, unless the process has ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  unlessGone(() => process.kill(pid, name))
}

/** Kills what `find` finds until it finds nothing. Throws LabError `remains` after `timeoutMs`. */
export async function killAll(find: () => readonly number[], timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs
  for (let pids = find(); pids.length > 0; pids = find()) {
    if (performance.now() > end) throw new LabError('remains', `processes do not end: ${pids.join(' ')}`)
    for (const pid of pids) signal(pid, 'SIGKILL')
    await sleep(10)
  }
}

export async function createNamespaces(site: Site, things: readonly NamespaceThing[]): Promise<void> {
  const names = things.map(({ id }) => namespaceOf(site, id))
  await ipBatch(
    site,
    undefined,
    names.map((name) => `netns add ${name}`),
  )
  await inParallel(things, 8, async ({ id, spec }) => {
    const name = namespaceOf(site, id)
    await ipBatch(site, name, ['link set lo up'])
    // Hosts and the wire only forward; their own router solicitations would blur what a test sees.
    // Addresses of IPv6 are let in again where a device is given one.
    if (spec.role === 'host' || id === 'wire') {
      const off = ['all', 'default'].map((each) => `net.ipv6.conf.${each}.disable_ipv6=1`)
      await output(site, ['ip', 'netns', 'exec', name, 'sysctl', '-qw', ...off])
    }
    // The next hop of gateways is a router.
    if (id === 'outside') {
      const on = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']
      await output(site, ['ip', 'netns', 'exec', name, 'sysctl', '-qw', ...on])
    }
  })
}

/** Removes namespaces and every process in them. */
export async function removeNamespaces(site: Site, names: readonly string[]): Promise<void> {
  await killAll(() => processesIn(names))
  const present = new Set(namespacesOf(site))
  await ipBatch(
    site,
    undefined,
    names.filter((name) => present.has(name)).map((name) => `netns del ${name}`),
  )
}
