import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './error.js'

/** Names of the namespaces that are neither a host nor a workload. */
export const fixedNames = ['wire', 'outside', 'station', 'controller'] as const

/** Which lab, and where its files are. */
export interface Site {
  readonly name: string
  readonly directory: string
}

const hash = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits)

/** Keeps paths of sockets below the 108 bytes of sun_path (unix(7)): 24 bytes for each name. */
const short = (name: string): string => (name.length <= 24 ? name : `${name.slice(0, 15)}~${hash(name, 8)}`)

/** Where the run directories of labs are. */
export const defaultRoot = '/run/sluice-lab'

/**
 * The site of a lab below `root`. A lab's name has no dot: the namespaces of `a.b` would be taken for those of
 * lab `a`. Throws LabError `bad-plan`.
 */
export function siteOf(name: string, root = defaultRoot): Site {
  if (!/^[a-z0-9-]{1,24}$/.test(name)) {
    throw new LabError('bad-plan', `lab name ${name} is not 1 to 24 characters of a-z, 0-9 and -`)
  }
  return { name, directory: join(root, name) }
}

/** Names of the labs below `root` that are up, wholly or in part. */
export const labsOf = (root = defaultRoot): string[] => (existsSync(root) ? readdirSync(root).sort() : [])

export const journalPath = (site: Site): string => join(site.directory, 'journal')
export const hostDirectory = (site: Site, host: string): string => join(site.directory, 'hosts', short(host))
/** A host's database, for the machine's own processes. */
export const databaseOf = (site: Site, host: string): string =>
  `unix:${join(hostDirectory(site, host), 'db.sock')}`
export const controllerDirectory = (site: Site): string => join(site.directory, 'controller')

/** The namespace of a host, of a fixed name, or of a workload `tenant/name`. */
export const namespaceOf = (site: Site, name: string): string => `${site.name}.${name.replace('/', '.')}`

/** An interface name of at most 15 bytes (IFNAMSIZ): `prefix` and the name, or its hash where it is too long. */
export const interfaceName = (prefix: string, name: string): string =>
  prefix.length + name.length <= 15 ? prefix + name : prefix + hash(name, 15 - prefix.length)

/**
 * The full name that `given` means: a full name, or a workload's name without its tenant where only one
 * workload bears it. Throws LabError `unknown-name`.
 */
export function resolveName(given: string, names: readonly string[]): string {
  if (names.includes(given)) return given
  const matches = names.filter((name) => name.endsWith(`/${given}`))
  const [only, ...others] = matches
  if (only === undefined)
    throw new LabError('unknown-name', `the lab has no ${given}`, [`it has: ${names.join(' ')}`])
  if (others.length > 0) throw new LabError('unknown-name', `${given} may be any of ${matches.join(' ')}`)
  return only
}
