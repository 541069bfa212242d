/** The rows that follow from the files, found by what the evaluator asks for. */

import { selects } from '../model/labels.js'
import type {
  Direction,
  NetworkRow,
  PeeringRow,
  PolicyRow,
  RouteRow,
  TableName,
  Tables,
  WorkloadRow,
} from '../model/rows.js'
import { type Blocks, blocksOf, inBlock } from './blocks.js'

/** Rows as a model holds them. */
export interface Rows {
  get<T extends TableName>(table: T, id: string): Tables[T] | undefined
  rows<T extends TableName>(table: T): Iterable<Tables[T]>
}

/** The rows at one moment: what is remembered here does not follow changes of the rows. */
export class Files {
  readonly #workloads = new Map<string, WorkloadRow>()
  /** Addresses and blocks that workloads may use beside their own, by network, and then as files write them. */
  readonly #allowed = new Map<string, Map<string, WorkloadRow[]>>()
  readonly #networks = new Map<string, NetworkRow[]>()
  readonly #peerings = new Map<string, PeeringRow[]>()
  readonly #routes = new Map<string, RouteRow[]>()
  readonly #groups = new Map<string, Blocks>()
  readonly #policies = new Map<string, readonly PolicyRow[]>()

  constructor(readonly rows: Rows) {
    for (const workload of rows.rows('workload')) {
      for (const address of workload.addresses)
        this.#workloads.set(`${workload.network} ${address}`, workload)
      for (const ip of new Set(workload.allowed?.map((entry) => entry.ip))) {
        const allowed = this.#allowed.get(workload.network) ?? new Map<string, WorkloadRow[]>()
        this.#allowed.set(workload.network, allowed)
        add(allowed, ip, workload)
      }
    }
    for (const network of rows.rows('network')) add(this.#networks, network.tenant, network)
    for (const peering of rows.rows('peering')) add(this.#peerings, peering.tenant, peering)
    for (const route of rows.rows('route')) add(this.#routes, route.tenant, route)
  }

  network(id: string): NetworkRow | undefined {
    return this.rows.get('network', id)
  }

  networksOf(tenant: string): readonly NetworkRow[] {
    return this.#networks.get(tenant) ?? []
  }

  peeringsOf(tenant: string): readonly PeeringRow[] {
    return this.#peerings.get(tenant) ?? []
  }

  routesOf(tenant: string): readonly RouteRow[] {
    return this.#routes.get(tenant) ?? []
  }

  /** The workloads of a network that may have this address: its own comes before blocks that several may use. */
  workloadsAt(network: string, address: string): readonly WorkloadRow[] {
    const own = this.#workloads.get(`${network} ${address}`)
    const allowed = this.#allowed.get(network)
    const exactly = allowed?.get(address) ?? []
    if (own || exactly.length > 0) return [...new Set([...exactly, ...(own ? [own] : [])])].sort(byId)
    const blocks = [...(allowed?.keys() ?? [])].filter((ip) => ip.includes('/') && inBlock(ip, address))
    const [smallest] = blocks.sort((a, b) => lengthOf(b) - lengthOf(a))
    return smallest === undefined ? [] : (allowed?.get(smallest) ?? [])
  }

  /** Whether an address is of a group. */
  inGroup(group: string, address: string): boolean {
    const blocks = this.#groups.get(group) ?? blocksOf(this.rows.get('addressGroup', group)?.addresses ?? [])
    this.#groups.set(group, blocks)
    return blocks(address)
  }

  /** The policies that say something of a workload's direction, by id. */
  policiesOf(workload: WorkloadRow, direction: Direction): readonly PolicyRow[] {
    const key = `${direction} ${workload.id}`
    const policies = this.#policies.get(key) ?? this.#selecting(workload, direction)
    this.#policies.set(key, policies)
    return policies
  }

  #selecting(workload: WorkloadRow, direction: Direction): readonly PolicyRow[] {
    return [...this.rows.rows('policy')]
      .filter((policy) => policy[direction] !== undefined)
      .filter(({ tenant = workload.tenant }) => tenant === workload.tenant)
      .filter(({ select }) => selects(select, workload.labels))
      .sort(byId)
  }
}

function add<Row>(map: Map<string, Row[]>, key: string, row: Row): void {
  const rows = map.get(key)
  if (rows === undefined) map.set(key, [row])
  else rows.push(row)
}

function lengthOf(block: string): number {
  return Number(block.slice(block.indexOf('/') + 1))
}

export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
