import { readdirSync, readFileSync, statSync } from 'node:fs'
import { AttachError } from './error.js'

/** Where iproute2 keeps the names of network namespaces (ip-netns(8)). */
const netnsDirectory = '/run/netns'

function statOf(path: string): { readonly dev: number; readonly ino: number } | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined
    throw error
  }
}

/**
 * The path of a network namespace by its name (`ip netns`) or its path. Throws AttachError `no-namespace` where it is
 * not there, or is a bare file, which a reboot leaves.
 */
export function namedNetns(nameOrPath: string): string {
  const isPath = nameOrPath.startsWith('/')
  const path = isPath ? nameOrPath : `${netnsDirectory}/${nameOrPath}`
  const own = statOf(path)
  // It becomes a word of a line for ip(8).
  if (/\s/.test(path) || (!isPath && /^\.|\//.test(nameOrPath)))
    throw new AttachError('no-namespace', `${nameOrPath} is no name of a network namespace`)
  // Files of nsfs are those of its one device.
  if (own === undefined || own.dev !== statSync('/proc/self/ns/net').dev)
    throw new AttachError('no-namespace', `there is no network namespace ${nameOrPath}`)
  return path
}

/** The path of the network namespace that a process is in. Throws AttachError `no-namespace`. */
export function processNetns(pid: number): string {
  const path = `/proc/${pid}/ns/net`
  if (statOf(path) === undefined) throw new AttachError('no-namespace', `there is no process ${pid}`)
  return path
}

/** Throws AttachError `host-namespace` where the namespace is the host's own: a workload there would be the host. */
export function checkForeign(path: string, hostPath = '/proc/self/ns/net'): void {
  const [own, host] = [statOf(path), statOf(hostPath)]
  if (own === undefined) throw new AttachError('no-namespace', `${path} has gone`)
  if (own.ino === host?.ino && own.dev === host.dev)
    throw new AttachError('host-namespace', `${path} is the network namespace of the host itself`)
}

/** The first child of a process: what a supervisor has started. */
export function firstChild(pid: number): number | undefined {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return children[0] === undefined ? undefined : Number(children[0])
}
