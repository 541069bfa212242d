/** Who can talk to whom: every workload with every other, and with the outside. */
import type { Direction, Peer, PortRange, RouteRow, WorkloadRow } from '../model/rows.js'
import { type Block, blockOf, type Version, versionOf } from './address.js'
import { blocksOf } from './blocks.js'
import type { End } from './connection.js'
import { byId, Files, type Rows } from './files.js'
import { type Cause, causesOf, Judge } from './judge.js'
import { type Region, regionsOf } from './outside.js'
import { type PortClass, portClasses, portTexts } from './port-classes.js'
import { viasOf } from './routes.js'

/** What is asked of one pair in one IP version, and comes out alike. */
export interface Finding {
  /** Workload ids, or `outside`. */
  readonly from: string
  readonly to: string
  readonly version: Version
  /** Where `to` is outside: the blocks that this is about, apart from smaller ones that another finding has. */
  readonly addresses?: readonly string[]
  /** `any`, or protocols and ports: `tcp/80`, `tcp/1-79`, `udp`, `other`. */
  readonly ports: readonly string[]
  readonly allowed: boolean
  readonly causes: readonly Cause[]
}

/** Pairs that somebody wants to see; everything where nothing is said. */
export interface Filter {
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Pairs of which one end is of this tenant. */
  readonly tenant?: string | undefined
}

const everywhere = { 4: blockOf('0.0.0.0/0'), 6: blockOf('::/0') } as const

/** Addresses that no station outside has. */
const special = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
]

/** The findings of all pairs that a filter leaves, in the order of ids, the outside last. */
export function* findings(rows: Rows, filter: Filter = {}): Generator<Finding> {
  const matrix = new Matrix(rows)
  const all = [...rows.rows('workload')].sort(byId)
  const wanted = (one: WorkloadRow | undefined, end: string | undefined) =>
    end === undefined || (one?.id ?? 'outside') === end
  const sources = [...all, undefined].filter((source) => wanted(source, filter.from))
  const targets = [...all, undefined].filter((target) => wanted(target, filter.to))
  for (const source of sources)
    for (const target of targets) {
      if (source === target) continue
      const tenants = [source?.tenant, target?.tenant]
      if (filter.tenant === undefined || tenants.includes(filter.tenant)) yield* matrix.pair(source, target)
    }
}

class Matrix {
  readonly #files: Files
  readonly #judge: Judge
  /** Blocks that are not outside. */
  readonly #aside: readonly string[]

  constructor(rows: Rows) {
    this.#files = new Files(rows)
    this.#judge = new Judge(rows)
    const networks = [...rows.rows('network')].flatMap(({ subnet, subnet6 }) => [subnet, subnet6])
    const gateways = [
      ...[...rows.rows('gateway')].flatMap(({ address, address6, hostAddresses = {}, pool = [] }) => [
        address,
        address6,
        ...Object.values(hostAddresses),
        ...pool,
      ]),
      ...[...rows.rows('floatingIp'), ...rows.rows('portForward'), ...rows.rows('egress')].map(
        ({ address }) => address,
      ),
    ]
      .filter((address) => address !== 'host')
      .map((address) => address && `${address}/${address.includes(':') ? 128 : 32}`)
    this.#aside = [...special, ...networks, ...gateways].filter((block) => block !== undefined)
  }

  *pair(source: WorkloadRow | undefined, target: WorkloadRow | undefined): Generator<Finding> {
    for (const version of [4, 6] as const) {
      const from = endOf(source, version)
      const to = endOf(target, version)
      const classes = portClasses(version, [
        ...this.#ports(source, 'egress'),
        ...this.#ports(target, 'ingress'),
        ...this.#onTheWay(source).flatMap((via) => [
          ...this.#ports(via, 'ingress'),
          ...(target ? this.#ports(via, 'egress') : []),
        ]),
        ...(source ? [] : this.#forwarded(target)),
      ])
      const ends = { from: source?.id ?? 'outside', to: target?.id ?? 'outside', version }
      if (from && to) for (const outcome of this.#outcomes(from, to, classes)) yield { ...ends, ...outcome }
      else if (from && source && !target) yield* this.#toOutside(from, source, version, classes)
      else if (to && target && !source) {
        const outside = { address: version === 4 ? '192.0.2.1' : '2001:db8::1' }
        for (const outcome of this.#outcomes(outside, to, classes)) yield { ...ends, ...outcome }
      }
    }
  }

  /** Outside addresses by what comes of them; blocks that fare like what is around them are not told. */
  *#toOutside(
    from: End,
    source: WorkloadRow,
    version: Version,
    classes: readonly PortClass[],
  ): Generator<Finding> {
    const aside = blocksOf(this.#aside)
    const blocks = [
      everywhere[version],
      ...this.#blocks(source),
      ...this.#routes(source).map(({ to }) => blockOf(to)),
      ...this.#aside.map(blockOf),
    ]
    const told = new Map<string, { addresses: string[]; outcomes: readonly Outcome[] }>()
    const keys = new Map<Region | undefined, string>()
    for (const region of regionsOf(version, blocks)) {
      if (aside(region.address)) {
        keys.set(region, keys.get(region.around) ?? '')
        continue
      }
      const outcomes = this.#outcomes(from, { address: region.address }, classes)
      const key = JSON.stringify(outcomes)
      keys.set(region, key)
      if (region.around !== undefined && keys.get(region.around) === key) continue
      const same = told.get(key)
      if (same === undefined) told.set(key, { addresses: [region.block.text], outcomes })
      else same.addresses.push(region.block.text)
    }
    for (const { addresses, outcomes } of told.values())
      for (const outcome of outcomes) yield { from: source.id, to: 'outside', version, addresses, ...outcome }
  }

  /** What comes of each class of ports, those that fare alike together. */
  #outcomes(from: End, to: End, classes: readonly PortClass[]): readonly Outcome[] {
    const alike = new Map<string, Omit<Outcome, 'ports'> & { readonly classes: PortClass[] }>()
    for (const portClass of classes) {
      const { protocol, first } = portClass
      const port = protocol === 'other' ? {} : { port: first }
      const judgement = this.#judge.judge({ from, to, protocol, ...port })
      const { allowed } = judgement
      const causes = causesOf(judgement)
      const key = JSON.stringify([allowed, causes])
      const others = alike.get(key)
      if (others === undefined) alike.set(key, { classes: [portClass], allowed, causes })
      else others.classes.push(portClass)
    }
    const all = alike.size === 1
    return [...alike.values()].map(({ classes: some, ...rest }) => ({
      ports: all ? ['any'] : portTexts(some),
      ...rest,
    }))
  }

  /** The ports that forwards open to the outside. */
  #forwarded(target: WorkloadRow | undefined): readonly PortRange[] {
    return [...this.#files.rows.rows('portForward')]
      .filter(({ workload }) => workload === target?.id)
      .map(({ protocol, workloadPort }) => ({ protocol, range: [workloadPort, workloadPort] }))
  }

  #routes({ tenant }: WorkloadRow): readonly RouteRow[] {
    return this.#files.routesOf(tenant)
  }

  /** The workloads that may take on what a workload sends. */
  #onTheWay(source: WorkloadRow | undefined): readonly WorkloadRow[] {
    return source ? this.#routes(source).flatMap((route) => viasOf(this.#files, route)) : []
  }

  #ports(workload: WorkloadRow | undefined, direction: Direction): readonly PortRange[] {
    return this.#rules(workload, direction).flatMap(({ ports }) => ports ?? [])
  }

  /** The blocks that a workload's policies tell apart. */
  #blocks(workload: WorkloadRow): readonly Block[] {
    const peers = this.#rules(workload, 'egress').flatMap(({ peers }) => peers ?? [])
    return peers.flatMap((peer) => this.#blocksOf(peer)).map(blockOf)
  }

  #blocksOf(peer: Peer): readonly string[] {
    if (peer.kind === 'cidr') return [peer.cidr, ...peer.except]
    if (peer.kind === 'group') return this.#files.rows.get('addressGroup', peer.group)?.addresses ?? []
    return []
  }

  #rules(workload: WorkloadRow | undefined, direction: Direction) {
    if (workload === undefined) return []
    return this.#files.policiesOf(workload, direction).flatMap((policy) => policy[direction] ?? [])
  }
}

type Outcome = Pick<Finding, 'ports' | 'allowed' | 'causes'>

/** A workload with its first address of an IP version; undefined where it has none. */
function endOf(workload: WorkloadRow | undefined, version: Version): End | undefined {
  const address = workload?.addresses.find((text) => versionOf(text) === version)
  return workload && address !== undefined ? { address, workload: workload.id } : undefined
}
