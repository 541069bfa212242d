import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml'
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
  const places = new Map<unknown, PlaceOf>()
  for (const path of policyFiles(directory)) {
    const file = join(directory, path)
    const lines = new LineCounter()
    const at = (offset: number) => {
      const { line, col } = lines.linePos(offset)
      return `${file}:${line}:${col}: `
    }
    const options = { lineCounter: lines, prettyErrors: false }
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'), options)) {
      for (const { pos, message } of document.errors) findings.push(`${at(pos[0])}${message}`)
      if (document.errors.length === 0) places.set(document.toJS(), (field) => at(offsetOf(document, field)))
    }
  }
  if (findings.length > 0) throw new LabError('bad-plan', `${directory} cannot be read`, findings)
  return planFromDocuments([...places.keys()], (document, field) => places.get(document)?.(field) ?? '')
}

/** Where a field of a document begins, or what of the way to it there is. */
function offsetOf(document: Document.Parsed, field: Field): number {
  const nodes = field.map((_, index) => document.getIn(field.slice(0, index + 1), true))
  const node = [document.contents, ...nodes].findLast((each) => isNode(each))
  return node?.range?.[0] ?? 0
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

type Fields = Readonly<Record<string, unknown>>

/** The way to a field of a document. */
type Field = readonly (string | number)[]

/** Where a field stands, with `: ` behind it. */
type PlaceOf = (field: Field) => string

/**
 * The plan of a lab from documents of the policy language. Throws LabError `bad-plan` with every finding.
 * @param placeOf where a field of a document stands, to begin a finding with
 */
export function planFromDocuments(
  documents: readonly unknown[],
  placeOf: (document: unknown, field: Field) => string = () => '',
): LabPlan {
  const reader = new Reader(documents, placeOf)
  const [lab, ...others] = reader.ofKind('Lab')
  if (lab === undefined) throw new LabError('bad-plan', 'no document of kind Lab says what to build')
  for (const other of others) reader.note(other, ['kind'], `Lab ${String(lab.name)} is there already`)
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
  reader.checkReferences(plan, lab)
  if (reader.findings.length > 0) throw new LabError('bad-plan', 'the lab cannot be built', reader.findings)
  return plan
}

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Takes fields out of documents and notes what is wrong with them. */
class Reader {
  readonly findings: string[] = []
  readonly #documents: readonly Fields[]

  constructor(
    documents: readonly unknown[],
    readonly placeOf: (document: unknown, field: Field) => string,
  ) {
    this.#documents = documents.filter(isMap)
  }

  ofKind(kind: string): Fields[] {
    return this.#documents.filter((document) => document.kind === kind)
  }

  note(document: Fields, field: Field, finding: string): void {
    const { kind, name } = document
    this.findings.push(`${this.placeOf(document, field)}${String(kind)} ${String(name)}: ${finding}`)
  }

  /** Notes what `parse` throws of a text that is bad; an empty one is noted already. */
  #check(document: Fields, field: Field, text: string, parse: (text: string) => unknown): void {
    if (text === '') return
    try {
      parse(text)
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      this.note(document, field, error.message)
    }
  }

  text(document: Fields, ...field: Field): string {
    const value = valueAt(document, field)
    if (typeof value === 'string') return value
    this.note(document, field, `${field.join('.')} is missing or no text`)
    return ''
  }

  texts(document: Fields, ...field: Field): string[] {
    const value = valueAt(document, field)
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    this.note(document, field, `${field.join('.')} is not a list of names`)
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

  host(document: Fields, shared: readonly SharedAddress[]): LabHost {
    const tunnelIp = this.text(document, 'tunnelIp')
    const ovsdb = this.text(document, 'ovsdb')
    this.#check(document, ['tunnelIp'], tunnelIp, parseAddress)
    this.#check(document, ['ovsdb'], ovsdb, parseEndpoint)
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

  gateway(document: Fields): LabGateway {
    return {
      name: this.text(document, 'name'),
      hosts: this.texts(document, 'hosts'),
      bridge: this.text(document, 'bridge'),
    }
  }

  /** The bridges on whose VLANs networks live: every host of a lab has them. */
  physicalBridges(hosts: readonly string[]): LabGateway[] {
    const bridges = this.ofKind('Network').flatMap(({ vlan }) =>
      isMap(vlan) && typeof vlan.bridge === 'string' ? vlan.bridge : [],
    )
    return [...new Set(bridges)].map((bridge) => ({ name: bridge, hosts, bridge }))
  }

  place(lab: Fields): Record<string, string[]> {
    const { place = {} } = lab
    if (!isMap(place)) {
      this.note(lab, ['place'], 'place is not a map of host: list of workloads')
      return {}
    }
    return Object.fromEntries(Object.keys(place).map((host) => [host, this.texts(lab, 'place', host)]))
  }

  /** `address` and `address6` of the Lab document; then the next hops of every gateway that are not yet there. */
  outside(lab: Fields): Pick<LabPlan, 'outside'> {
    const { outside } = lab
    const addresses: string[] = []
    const add = (document: Fields, field: Field, address: string) => {
      this.#check(document, field, address, parseInterfaceAddress)
      addresses.push(address)
    }
    for (const field of ['address', 'address6'])
      if (isMap(outside) && outside[field] !== undefined)
        add(lab, ['outside', field], this.text(lab, 'outside', field))
    for (const gateway of this.ofKind('Gateway')) {
      for (const family of ['', '6']) {
        const { [`nextHop${family}`]: nextHop, [`subnet${family}`]: subnet } = gateway
        if (typeof nextHop !== 'string' || typeof subnet !== 'string') continue
        if (addresses.some((address) => address.split('/')[0] === nextHop)) continue
        add(gateway, [`nextHop${family}`], `${nextHop}/${subnet.split('/')[1]}`)
      }
    }
    return addresses.length === 0 ? {} : { outside: { addresses } }
  }

  checkReferences({ place }: LabPlan, lab: Fields): void {
    const hosts = new Set<string>()
    for (const host of this.ofKind('Host')) {
      const name = String(host.name)
      if (hosts.has(name)) this.note(host, ['name'], 'is there twice')
      if (fixedNames.some((fixed) => fixed === name))
        this.note(host, ['name'], 'a lab keeps this name for itself')
      hosts.add(name)
    }
    for (const gateway of this.ofKind('Gateway'))
      for (const [index, host] of (Array.isArray(gateway.hosts) ? gateway.hosts : []).entries())
        if (!hosts.has(String(host))) this.note(gateway, ['hosts', index], `no Host ${String(host)}`)
    const workloads = new Set(
      this.ofKind('Workload').map(({ tenant, name }) => `${String(tenant)}/${String(name)}`),
    )
    const placed = new Map<string, string>()
    for (const [host, ids] of Object.entries(place)) {
      if (!hosts.has(host)) this.note(lab, ['place', host], `place: no Host ${host}`)
      for (const [index, id] of ids.entries()) {
        const note = (finding: string) => this.note(lab, ['place', host, index], finding)
        if (!workloads.has(id)) note(`place.${host}: no Workload ${id}`)
        const other = placed.get(id)
        if (other !== undefined) note(`${id} is placed on ${other} and on ${host}`)
        const namespace = id.replace('/', '.')
        if (hosts.has(namespace)) note(`${id} would share its namespace with Host ${namespace}`)
        placed.set(id, host)
      }
    }
  }
}

function valueAt(document: Fields, field: Field): unknown {
  return field.reduce<unknown>((value, part) => (isMap(value) ? value[part] : undefined), document)
}
