import { routerMac } from '../../flows/addresses.js'
import { pipeline } from '../../flows/pipeline.js'
import { label, mark, isolation as nobody, noRule, reg, ruleId } from '../../flows/registers.js'
import type { ConnectionsByHost, End, Execution, Fields, Topology } from '../../src/execution/index.js'
import { execute } from '../../src/execution/index.js'
import type { Direction, WorkloadRow } from '../../src/model/rows.js'
import { formatActions } from '../../src/openflow/flow.js'
import { type Decision, Judge, type Judgement, type Protocol } from '../../src/reach/index.js'
import { portClasses } from '../../src/reach/port-classes.js'
import type { Cluster } from '../support/cluster.js'
import { type Decoder, type SourcedFlow, topologyOf } from '../support/execution.js'

/** One question: a first packet from a workload to an address. */
export interface Cell {
  readonly from: WorkloadRow
  readonly source: string
  /** The workload that has the address; undefined: a station outside. */
  readonly to?: WorkloadRow
  readonly destination: string
  readonly protocol: Protocol
  readonly port?: number
}

const numbers = { tcp: 6, udp: 17, sctp: 132, icmp: 1, icmp6: 58, other: 47 } as const
const isSix = (address: string) => address.includes(':')

/** TCP flags. */
export const syn = 2
export const ack = 16

/** The packet that opens the connection of a cell. */
export function firstPacket({ from, source, to, destination, protocol, port = 0 }: Cell): Fields {
  const six = isSix(source)
  return {
    ...(from.trunk && { vlanVid: 0x1000 | from.trunk.tag }),
    ethSrc: from.mac,
    ethDst: to?.network === from.network ? to.mac : routerMac,
    ethType: six ? 0x86dd : 0x0800,
    ...(six ? { ipv6Src: source, ipv6Dst: destination } : { ipv4Src: source, ipv4Dst: destination }),
    ipTtl: 64,
    ipProto: numbers[protocol],
    ...(protocol === 'tcp' && { tcpSrc: 40_000, tcpDst: port, tcpFlags: syn }),
    ...(protocol === 'udp' && { udpSrc: 40_000, udpDst: port }),
    ...(protocol === 'sctp' && { sctpSrc: 40_000, sctpDst: port }),
    ...(protocol === 'icmp' && { icmpv4Type: port }),
    ...(protocol === 'icmp6' && { icmpv6Type: port }),
  }
}

/** Every pair of workloads, and every workload with addresses outside, at both ends of all ports that policies tell apart. */
export function* cellsOf({ model }: Cluster, outside: readonly string[]): Generator<Cell> {
  const workloads = [...model.rows('workload')].filter(({ id }) => model.get('placement', id))
  const ports = [...model.rows('policy')].flatMap(({ ingress = [], egress = [] }) =>
    [...ingress, ...egress].flatMap((rule) => rule.ports ?? []),
  )
  const probes = { 4: probesOf(4, ports), 6: probesOf(6, ports) }
  for (const from of workloads)
    for (const source of addressesOf(from)) {
      const version = isSix(source) ? 6 : 4
      const same = (address: string) => isSix(address) === isSix(source)
      for (const probe of probes[version]) {
        for (const to of workloads)
          if (to !== from)
            for (const destination of addressesOf(to).filter(same))
              yield { from, source, to, destination, ...probe }
        for (const destination of outside.filter(same)) yield { from, source, destination, ...probe }
      }
    }
}

/** Its own addresses, and those single ones that it may use beside them. */
function addressesOf({ addresses, allowed = [] }: WorkloadRow): readonly string[] {
  return [...addresses, ...allowed.map(({ ip }) => ip).filter((ip) => !ip.includes('/'))]
}

/** Of ICMP the queries: nothing else opens a connection. */
function probesOf(
  version: 4 | 6,
  ranges: Parameters<typeof portClasses>[1],
): readonly Pick<Cell, 'protocol' | 'port'>[] {
  const probes = new Map<string, Pick<Cell, 'protocol' | 'port'>>()
  for (const { protocol, first, last } of portClasses(version, ranges)) {
    const queries = protocol === 'icmp' ? [8, 13] : protocol === 'icmp6' ? [128] : [first, last]
    for (const port of queries)
      probes.set(`${protocol}/${port}`, protocol === 'other' ? { protocol } : { protocol, port })
  }
  return [...probes.values()]
}

/** What the files say of cells, and what the flows do with them, as texts to compare. */
export class Comparison {
  readonly topology: Topology<SourcedFlow>
  readonly judge: Judge

  constructor(
    readonly cluster: Cluster,
    decoder: Decoder,
  ) {
    this.topology = topologyOf(cluster, decoder)
    this.judge = new Judge(cluster.model)
  }

  judgement({ from, source, to, destination, protocol, port }: Cell): Judgement {
    return this.judge.judge({
      from: { address: source, workload: from.id },
      to: { address: destination, ...(to && { workload: to.id }) },
      protocol,
      ...(port !== undefined && { port }),
    })
  }

  /** `delivered by 8192/-`, `denied at egress by 10239`, `closed`; `unrouted`: closed, by whichever table comes first. */
  said(cell: Cell): string {
    const { allowed, egress, barrier, ingress } = this.judgement(cell)
    if (barrier === 'not-routed') return 'unrouted'
    // Its address may be one that a route leads to.
    const { tenant } = cell.from
    if (
      (barrier === 'not-peered' || barrier === 'not-shared') &&
      this.cluster.model.by('routesByTenant', tenant).some(({ via }) => via)
    )
      return 'unrouted'
    if (egress && !egress.allowed) return `denied at egress by ${this.#id(egress)}`
    if (barrier !== undefined) return 'closed'
    if (ingress && !ingress.allowed) return `denied at ingress by ${this.#id(ingress)}`
    if (!allowed) return 'denied'
    return `delivered by ${this.#admits(cell.from, egress)}/${this.#admits(this.receiver(cell), ingress)}`
  }

  /** Who gets the packet: the workload that a route leads by, or who it is for. */
  receiver(cell: Cell): WorkloadRow | undefined {
    const { model } = this.cluster
    const route = model.get('route', this.judgement(cell).route ?? '')
    return route?.via ? model.get('workload', route.via[0] ?? '') : cell.to
  }

  /** What is wrong with a cell; undefined: nothing. */
  check(cell: Cell): string | undefined {
    const execution = this.run(cell)
    const said = this.said(cell)
    const done = this.done(cell, execution)
    const { from, source, to, destination, protocol, port } = cell
    const name = `${from.id} ${source} > ${to?.id ?? 'outside'} ${destination} ${protocol}/${port}`
    const rivals = this.rivals(execution)
    if (rivals.length > 0) return `${name}: ${rivals.join(', ')}`
    if (said === 'unrouted' ? !done.startsWith('delivered') : said === done) return undefined
    return `${name}: the files say ${said}, the flows ${done}`
  }

  run({ from, ...cell }: Cell, connections?: ConnectionsByHost): Execution<SourcedFlow> {
    const placement = this.cluster.model.get('placement', from.id)
    if (!placement) throw new Error(`${from.id} is nowhere`)
    const { host, ofport } = placement
    const packet = { fields: firstPacket({ from, ...cell }), query: 1 }
    return execute(this.topology, { host, port: ofport, packet }, connections)
  }

  /** What a cell's execution comes to, in the words of {@link said}. */
  done(cell: Cell, execution = this.run(cell)): string {
    const denied = execution.ends.map(denial).find((text) => text !== undefined)
    if (denied !== undefined) return denied
    const to = this.receiver(cell)
    if (!isDelivered(execution, to?.id)) return 'closed'
    const { from } = cell
    return `delivered by ${this.#label(execution, from, 'egress')}/${to ? this.#label(execution, to, 'ingress') : '-'}`
  }

  /** The flows of which chance decided which one was used, where that made a difference. */
  rivals({ passes }: Execution<SourcedFlow>): readonly string[] {
    return passes
      .flatMap(({ steps }) => steps)
      .flatMap(({ lookup }) => (lookup ? lookup.rivals.map((rival) => [lookup.flow, rival] as const) : []))
      .filter(([used, rival]) => formatActions(used.actions) !== formatActions(rival.actions))
      .map(([used, rival]) => `${used.unit} or ${rival.unit}`)
  }

  /** Whether policy concerns a tenant. */
  guarded(tenant: string): boolean {
    return [...this.cluster.model.rows('policy')].some((policy) => (policy.tenant ?? tenant) === tenant)
  }

  #id({ by, policy = '', index = 0 }: Decision): number {
    const number = this.cluster.model.get('policy', policy)?.number ?? 0
    return by === 'default' ? noRule : ruleId(number, by === 'isolation' ? nobody : index)
  }

  /** The half of a label that a decision leaves behind. */
  #admits(workload: WorkloadRow | undefined, decision: Decision | undefined): string {
    if (!workload || !decision || !this.guarded(workload.tenant)) return '-'
    const keeps = this.cluster.model.get('policy', decision.policy ?? '')?.established === 'keep'
    return String(this.#id(decision) + mark.admitted + (keeps ? mark.keep : 0))
  }

  #label({ connections }: Execution<SourcedFlow>, workload: WorkloadRow, direction: Direction): string {
    const { model } = this.cluster
    const host = model.get('placement', workload.id)?.host ?? ''
    const zone = 0x8000 + (model.get('tenant', workload.tenant)?.number ?? 0)
    const found = [...(connections.get(host) ?? [])].filter((connection) => connection.zone === zone)
    const offset = direction === 'egress' ? label.egressIndex.offset : label.ingressIndex.offset
    return found.length === 0
      ? '-'
      : found.map((connection) => BigInt.asUintN(32, connection.label >> BigInt(offset))).join()
  }
}

const verdictTables: ReadonlyMap<number, string> = new Map(
  pipeline.flatMap(({ number, name }): [number, string][] =>
    name.endsWith('-verdict') ? [[number, name.replace('-verdict', '')]] : [],
  ),
)

/** What an end in a verdict's table says. */
function denial({ end, step, header }: End<SourcedFlow>): string | undefined {
  const direction = verdictTables.get(step.table)
  const report = step.lookup?.flow.actions.some(({ type }) => type === 'gotoTable') ?? false
  if (direction === undefined || report || (end !== 'dropped' && end !== 'controller')) return undefined
  return `denied at ${direction} by ${(header.number(reg.verdict) & ~mark.keep & 0x3fffffff) >>> 0}`
}

/** Whether a packet, and no copy of it elsewhere, comes out at a workload, or outside. */
export function isDelivered({ ends }: Execution, to: string | undefined): boolean {
  const out = ends.filter(({ end }) => end === 'output')
  const [first] = out
  if (first?.end !== 'output' || out.length > 1) return false
  return to === undefined
    ? first.lead.to === 'outside'
    : first.lead.to === 'station' && first.lead.name === to
}
