import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Model } from '../model/model.js'
import type { Change, Claim, PortRow } from '../model/rows.js'

export interface DiscoveryOptions {
  readonly model: Model
  /** Where documents of discovered workloads are written, for the policy directory to read. */
  readonly directory: string
  /** The file that an object in force is from, by its id such as `workload/usr1/web`. */
  readonly fileOf: (object: string) => string | undefined
  /** How long a workload outlives its port: it may be moving, and is to keep its address. Default 10,000. */
  readonly graceMs?: number
  readonly log: Logger
}

type ClaimingPort = PortRow & { readonly claim: Claim }

/**
 * Workloads that no file declares, but whose ports say which network they are of: where that network has `discover: true`,
 * a document is written for each, which then counts like any other (decision 30).
 */
export class Discovery {
  readonly #ports = new Map<string, ClaimingPort>()
  readonly #leaving = new Map<string, NodeJS.Timeout>()
  /** What is in the directory, by file name. */
  readonly #written = new Map<string, string>()
  /** Documents that were found wrong: they are not written again until their ports say something else. */
  readonly #refused = new Map<string, string>()
  #started = false

  constructor(readonly options: DiscoveryOptions) {
    mkdirSync(options.directory, { recursive: true })
    for (const name of readdirSync(options.directory))
      this.#written.set(name, readFileSync(join(options.directory, name), 'utf8'))
  }

  /** From now on the directory follows: the model has all that was known before. */
  start(): void {
    this.#started = true
    this.#update()
  }

  /** Follows a transaction of the model. */
  follow(changes: readonly Change[]): void {
    let relevant = false
    for (const change of changes) {
      if (change.table === 'port') relevant = this.#followPort(change.id, change.row) || relevant
      else relevant ||= this.#ports.size > 0 && (change.table === 'network' || change.table === 'workload')
    }
    if (relevant) this.#update()
  }

  /** Takes back documents that have errors, such as an address that is taken. */
  judge(errors: readonly { readonly file: string; readonly message: string }[]): void {
    for (const { file, message } of errors) {
      const [name] = [...this.#written.keys()].filter((each) => join(this.options.directory, each) === file)
      const text = name === undefined ? undefined : this.#written.get(name)
      if (name === undefined || text === undefined) continue
      this.options.log.warn({ file, text, reason: message }, 'workload cannot be discovered')
      this.#refused.set(name, text)
      this.#remove(name)
    }
  }

  close(): void {
    this.#started = false
    for (const timer of this.#leaving.values()) clearTimeout(timer)
  }

  #followPort(id: string, row: PortRow | undefined): boolean {
    const present = row && claims(row)
    if (!present && !this.#ports.has(id)) return false
    clearTimeout(this.#leaving.get(id))
    this.#leaving.delete(id)
    if (present) this.#ports.set(id, present)
    else this.#leaving.set(id, this.#leave(id))
    return present !== undefined
  }

  #leave(id: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#leaving.delete(id)
      this.#ports.delete(id)
      this.#update()
    }, this.options.graceMs ?? 10_000)
  }

  #update(): void {
    if (!this.#started) return
    const wanted = new Map(
      [...this.#ports.entries()].sort(byKey).flatMap(([, port]) => this.#documentOf(port)),
    )
    for (const name of this.#refused.keys()) if (!wanted.has(name)) this.#refused.delete(name)
    for (const name of [...this.#written.keys()]) if (!wanted.has(name)) this.#remove(name)
    for (const [name, text] of wanted)
      if (this.#written.get(name) !== text && this.#refused.get(name) !== text) this.#write(name, text)
  }

  /** File name and text of a port's workload; none where it is declared, or its network does not discover. */
  #documentOf({ interface: iface, claim }: ClaimingPort): [string, string][] {
    const { model, directory, fileOf } = this.options
    const { tenant, network, mac, ip } = claim
    if (model.get('network', `${tenant}/${network}`)?.discover !== true) return []
    const name = nameOf(iface, tenant)
    const file = `${tenant}.${name}.json`
    const [bound] = model.by('workloadsByInterface', iface)
    for (const id of [bound?.id, model.get('workload', `${tenant}/${name}`)?.id])
      if (id !== undefined && fileOf(`workload/${id}`) !== join(directory, file)) return []
    const document = { kind: 'Workload', tenant, name, network, interface: iface, mac, ip }
    return [[file, `${JSON.stringify(document)}\n`]]
  }

  #write(name: string, text: string): void {
    const path = join(this.options.directory, name)
    writeFileSync(`${path}.tmp`, text)
    renameSync(`${path}.tmp`, path)
    this.#written.set(name, text)
    this.options.log.info({ file: path }, 'workload discovered')
  }

  #remove(name: string): void {
    rmSync(join(this.options.directory, name), { force: true })
    this.#written.delete(name)
  }
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? 1 : -1)

const claims = (port: PortRow): ClaimingPort | undefined =>
  port.claim === undefined ? undefined : { ...port, claim: port.claim }

/** The name of an interface's workload: what stands after its tenant, or a hash where that can be no name. */
function nameOf(iface: string, tenant: string): string {
  const name = iface.startsWith(`${tenant}/`) ? iface.slice(tenant.length + 1) : iface
  if (/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name)) return name
  return `w-${createHash('sha256').update(iface).digest('hex').slice(0, 12)}`
}
