import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Change, Row } from '../../src/model/rows.js'
import {
  formatError,
  PolicyDirectory,
  type PolicyDirectoryOptions,
  type PolicyUpdate,
} from '../../src/policy/index.js'
import { MemoryStore } from '../../src/store/store.js'

/** A directory of its own that is gone after the test. */
export function scratch(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-policy-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export function write(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
}

/** Numbers from 0 to 1 that look random and are the same in every run. */
export function seeded(seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

export function open(directory: string, options: Partial<PolicyDirectoryOptions> = {}): PolicyDirectory {
  return new PolicyDirectory({
    dirs: [directory],
    store: new MemoryStore(),
    random: seeded(),
    now: () => performance.now(),
    ...options,
  })
}

/** Errors as they are printed, with the directory's path left out. */
export function errorsOf(directory: string, { errors }: Pick<PolicyUpdate, 'errors'>): string[] {
  return errors.map((error) => formatError(error).replaceAll(`${directory}/`, ''))
}

/** The model that a sequence of updates leaves, `table/id` to row. */
export class Model {
  readonly rows = new Map<string, Row>()

  apply(changes: readonly Change[]): void {
    for (const { table, id, row } of changes) {
      if (row === undefined) this.rows.delete(`${table}/${id}`)
      else this.rows.set(`${table}/${id}`, row)
    }
  }

  ids(): string[] {
    return [...this.rows.keys()].sort()
  }
}

export const host = (name: string, ip: string) =>
  `kind: Host\nname: ${name}\novsdb: tcp:${ip}:6640\ntunnelIp: ${ip}\n`

export const tenant = (name: string) => `kind: Tenant\nname: ${name}\n`

export const network = (owner: string, name: string, subnet: string, more = '') =>
  `kind: Network\ntenant: ${owner}\nname: ${name}\nsubnet: ${subnet}\n${more}`

export const workload = (owner: string, name: string, more = '', net = 'lan') =>
  `kind: Workload\ntenant: ${owner}\nname: ${name}\nnetwork: ${net}\n${more}`

export const peering = (owner: string, peer: string) =>
  `kind: Peering\ntenant: ${owner}\nname: ${peer}\npeer: ${peer}\n`

export const documents = (...texts: readonly string[]) => texts.join('---\n')
