import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseAllDocuments } from 'yaml'
import { isInSubnet, parseAddress, parseInterfaceAddress } from './address.js'
import { LabError } from './error.js'
import { fixedNames } from './names.js'
import type { LabGateway, LabHost, LabPlan } from './plan.js'
import { parseEndpoint } from './things.js'

/**
 * Reads the plan of the lab that a policy directory describes (language.md, Files and Lab). Throws LabError
 * `bad-plan` with every finding. Only what a lab needs is looked at: the rest is the controller's to judge.
 */
export function readPlan(directory: string): LabPlan {
  const findings: string[] = []
  const documents = policyFiles(directory).flatMap((path) => {
    const lines = new LineCounter()
    return [...parseAllDocuments(readFileSync(join(directory, path), 'utf8'), { lineCounter: lines })].map(
      (document) => {
        for (const { pos, message } of document.errors) {
          const { line, col } = lines.linePos(pos[0])
          findings.push(`${path}:${line}:${col}: ${message.split('\n')[0]}`)
        }
        return document.errors.length > 0 ? undefined : (document.toJS() as unknown)
      },
    )
  })
  if (findings.length > 0) throw new LabError('bad-plan', `${directory} cannot be read`, findings)
  return planFromDocuments(documents)
}

/** Paths below the directory that the language reads. */
const policyFiles = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ya?ml|json)$/.test(path) && !path.split('/').some((part) => part.startsWith('.')))
    .sort()

/** A host's bridge on which a gateway has the host's own address. */
interface SharedAddress {
  readonly host: string
  readonly bridge: string
  readonly subnet: string
}

type Document = Readonly<Record<string, unknown>>

/** The plan of a lab from documents of the policy language. Throws LabError `bad-plan` with every finding. */
export function planFromDocuments(documents: readonly unknown[]): LabPlan {
  const reader = new Reader(documents)
  const [lab, ...others] = reader.ofKind('Lab')
  if (lab === undefined) throw new LabError('bad-plan', 'no document of kind Lab says what to build')
  for (const other of others)
    reader.findings.push(`Lab ${String(other.name)}: Lab ${String(lab.name)} is there already`)
  const shared = reader.sharedAddresses()
  const hosts = reader.ofKind('Host').map((host) => reader.host(host, shared))
  const plan: LabPlan = {
    name: reader.text(lab, 'name'),
    hosts,
    gateways: [
      ...reader.ofKind('Gateway').map((gateway) => reader.gateway(gateway)),
      ...reader.physicalBridges(hosts.map(({ name }) => name)),
    ],
    place: reader.place(lab),
    ...reader.outside(lab),
  }
  reader.checkReferences(plan)
  if (reader.findings.length > 0) throw new LabError('bad-plan', 'the lab cannot be built', reader.findings)
  return plan
}

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Takes fields out of documents and notes what is wrong with them. */
class Reader {
  readonly findings: string[] = []
  readonly #documents: readonly Document[]

  constructor(documents: readonly unknown[]) {
    this.#documents = documents.filter(isDocument)
  }

  ofKind(kind: string): Document[] {
    return this.#documents.filter((document) => document.kind === kind)
  }

  #note(document: Document, finding: string): void {
    this.findings.push(`${String(document.kind)} ${String(document.name)}: ${finding}`)
  }

  /** Notes what `check` throws of a plan that is bad. */
  #check(document: Document, check: () => unknown): void {
    try {
      check()
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      this.#note(document, error.message)
    }
  }

  text(document: Document, field: string): string {
    const value = document[field]
    if (typeof value === 'string') return value
    this.#note(document, `${field} is missing or no text`)
    return ''
  }

  texts(document: Document, field: string, value = document[field]): string[] {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    this.#note(document, `${field} is not a list of names`)
    return []
  }

  /** Where gateways use their hosts' own addresses. */
  sharedAddresses(): readonly SharedAddress[] {
    return this.ofKind('Gateway').flatMap(({ address, hosts, bridge, subnet }) =>
      address === 'host' && Array.isArray(hosts) && typeof bridge === 'string' && typeof subnet === 'string'
        ? hosts.map((host) => ({ host: String(host), bridge, subnet }))
        : [],
    )
  }

  host(document: Document, shared: readonly SharedAddress[]): LabHost {
    const tunnelIp = this.text(document, 'tunnelIp')
    const ovsdb = this.text(document, 'ovsdb')
    this.#check(document, () => parseAddress(tunnelIp))
    this.#check(document, () => parseEndpoint(ovsdb))
    const { name, bridge, underlayMtu } = document
    const gateway = shared.find(({ host, subnet }) => host === name && isInSubnet(tunnelIp, subnet))
    return {
      name: this.text(document, 'name'),
      ovsdb,
      tunnelIp,
      ...(typeof bridge === 'string' ? { bridge } : {}),
      ...(gateway ? { underlayBridge: gateway.bridge } : {}),
      ...(typeof underlayMtu === 'number' ? { underlayMtu } : {}),
    }
  }

  gateway(document: Document): LabGateway {
    return {
      name: this.text(document, 'name'),
      hosts: this.texts(document, 'hosts'),
      bridge: this.text(document, 'bridge'),
    }
  }

  /** The bridges on whose VLANs networks live: every host of a lab has them. */
  physicalBridges(hosts: readonly string[]): LabGateway[] {
    const bridges = this.ofKind('Network').flatMap(({ vlan }) =>
      isDocument(vlan) && typeof vlan.bridge === 'string' ? vlan.bridge : [],
    )
    return [...new Set(bridges)].map((bridge) => ({ name: bridge, hosts, bridge }))
  }

  place(lab: Document): Record<string, string[]> {
    const { place = {} } = lab
    if (!isDocument(place)) {
      this.#note(lab, 'place is not a map of host: list of workloads')
      return {}
    }
    return Object.fromEntries(
      Object.entries(place).map(([host, list]) => [host, this.texts(lab, `place.${host}`, list)]),
    )
  }

  /** `address` and `address6` of the Lab document; then the next hops of every gateway that are not yet there. */
  outside(lab: Document): Pick<LabPlan, 'outside'> {
    const { outside } = lab
    const own = isDocument(outside)
      ? ['address', 'address6'].filter((field) => outside[field] !== undefined)
      : []
    const addresses = isDocument(outside) ? own.map((field) => this.text(outside, field)) : []
    for (const gateway of this.ofKind('Gateway')) {
      for (const family of ['', '6']) {
        const { [`nextHop${family}`]: nextHop, [`subnet${family}`]: subnet } = gateway
        if (typeof nextHop !== 'string' || typeof subnet !== 'string') continue
        if (addresses.some((address) => address.split('/')[0] === nextHop)) continue
        addresses.push(`${nextHop}/${subnet.split('/')[1]}`)
      }
    }
    for (const address of addresses) this.#check(lab, () => parseInterfaceAddress(address))
    return addresses.length === 0 ? {} : { outside: { addresses } }
  }

  checkReferences(plan: LabPlan): void {
    const hosts = new Set<string>()
    for (const { name } of plan.hosts) {
      if (hosts.has(name)) this.findings.push(`Host ${name}: is there twice`)
      if (fixedNames.some((fixed) => fixed === name))
        this.findings.push(`Host ${name}: a lab keeps this name for itself`)
      hosts.add(name)
    }
    for (const { name, hosts: members } of plan.gateways) {
      for (const host of members) if (!hosts.has(host)) this.findings.push(`Gateway ${name}: no Host ${host}`)
    }
    const workloads = new Set(
      this.ofKind('Workload').map(({ tenant, name }) => `${String(tenant)}/${String(name)}`),
    )
    const placed = new Map<string, string>()
    for (const [host, ids] of Object.entries(plan.place)) {
      if (!hosts.has(host)) this.findings.push(`Lab ${plan.name}: place: no Host ${host}`)
      for (const id of ids) {
        if (!workloads.has(id)) this.findings.push(`Lab ${plan.name}: place.${host}: no Workload ${id}`)
        const other = placed.get(id)
        if (other !== undefined)
          this.findings.push(`Lab ${plan.name}: ${id} is placed on ${other} and on ${host}`)
        if (hosts.has(id.replace('/', '.')))
          this.findings.push(
            `Lab ${plan.name}: ${id} would share its namespace with Host ${id.replace('/', '.')}`,
          )
        placed.set(id, host)
      }
    }
  }
}
