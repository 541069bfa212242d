import type { Fields } from '../../src/execution/index.js'
import type { Direction, WorkloadRow } from '../../src/model/rows.js'
import { Files } from '../../src/reach/files.js'
import { type Decision, Judge } from '../../src/reach/index.js'
import type { Cluster } from '../support/cluster.js'
import { ack, type Cell, firstPacket, syn } from './cells.js'

/** A connection between workloads that packets of a sequence belong to. */
export interface Talk extends Cell {
  readonly to: WorkloadRow
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmp6'
  readonly port: number
}

/** One packet of it: `first` is the one that opens TCP. */
export interface Said {
  readonly talk: Talk
  readonly forth: boolean
  readonly first: boolean
}

/** What conntrack remembers: who sent the first packet, and what of it was admitted, to be kept or not. */
interface Entry {
  readonly from: string
  readonly admitted: Map<Direction, { readonly keep: boolean }>
}

const clientPort = 40_000
const highPorts = 32_768

/**
 * What the design of policy says of packets one after the other: packets in a connection's original direction are judged
 * anew, replies pass where their connection was admitted, those of UDP where its rules still allow it, too.
 */
export class Memory {
  readonly #entries = new Map<string, Entry>()
  /** How often each thing happened. */
  readonly counts = new Map<string, number>()

  constructor(readonly cluster: Cluster) {}

  /** Whether a packet arrives. */
  passes(said: Said): boolean {
    const { from, to } = said.talk
    const [sender, receiver] = said.forth ? [from, to] : [to, from]
    if (!this.#side('egress', sender, sender, receiver, said)) return false
    if (this.#judge(sender, receiver, said).barrier !== undefined) return false
    return this.#side('ingress', receiver, sender, receiver, said)
  }

  #side(
    direction: Direction,
    self: WorkloadRow,
    sender: WorkloadRow,
    receiver: WorkloadRow,
    said: Said,
  ): boolean {
    if (!this.#isGuarded(self.tenant)) return this.#count('unguarded', true)
    const { talk, first } = said
    const host = this.cluster.model.get('placement', self.id)?.host
    const key = `${host} ${self.tenant} ${talk.from.id} ${talk.to.id} ${talk.protocol} ${talk.source}`
    const entry = this.#entries.get(key)
    if (entry && entry.from !== sender.id) {
      const half = direction === 'egress' ? 'ingress' : 'egress'
      const admitted = entry.admitted.get(half)
      const judged = this.#judge(receiver, sender, { ...said, forth: !said.forth })[half]
      const passes =
        admitted !== undefined &&
        (talk.protocol !== 'udp' ||
          !judged ||
          judged.allowed ||
          this.#lives(half, self, judged, admitted.keep))
      return this.#count(passes ? 'reply passes' : 'reply dropped', passes)
    }
    if (!entry && !said.forth && talk.protocol.startsWith('icmp')) return this.#count('stray', false)
    const [, port] = portsOf(said)
    if (!entry && talk.protocol === 'tcp' && !first && port >= highPorts) {
      const turned = this.#judge(receiver, sender, { ...said, forth: !said.forth })
      const passes = turned[direction === 'egress' ? 'ingress' : 'egress']?.allowed ?? true
      return this.#count(passes ? 'older passes' : 'older dropped', passes)
    }
    const decision = this.#judge(sender, receiver, said)[direction]
    if (!decision) throw new Error(`no decision for ${self.id}`)
    return this.#original(key, direction, self, sender, decision)
  }

  #original(
    key: string,
    direction: Direction,
    self: WorkloadRow,
    sender: WorkloadRow,
    decision: Decision,
  ): boolean {
    const entry = this.#entries.get(key)
    const admitted = entry?.admitted.get(direction)
    if (decision.allowed) {
      const made = entry ?? { from: sender.id, admitted: new Map() }
      made.admitted.set(direction, { keep: this.#keeps(decision) })
      this.#entries.set(key, made)
      return this.#count(admitted ? 'allowed again' : 'allowed', true)
    }
    if (!admitted) return this.#count('denied', false)
    const lives = this.#lives(direction, self, decision, admitted.keep)
    if (!lives) entry?.admitted.delete(direction)
    return this.#count(lives ? 'kept' : 'cut', lives)
  }

  /** Whether a connection that was admitted, to be kept or not, outlives a decision that denies it. */
  #lives(direction: Direction, self: WorkloadRow, decision: Decision, keep: boolean): boolean {
    return decision.by === 'isolation' ? keep || this.#allKeep(direction, self) : this.#keeps(decision)
  }

  #keeps({ policy = '' }: Decision): boolean {
    return this.cluster.model.get('policy', policy)?.established === 'keep'
  }

  #allKeep(direction: Direction, self: WorkloadRow): boolean {
    const selecting = new Files(this.cluster.model).policiesOf(self, direction)
    return selecting
      .filter(({ tier }) => tier === 'tenant')
      .every(({ established }) => established === 'keep')
  }

  #judge(sender: WorkloadRow, receiver: WorkloadRow, said: Said) {
    const { talk, forth } = said
    const [, port] = portsOf(said)
    const [source, destination] = forth ? [talk.source, talk.destination] : [talk.destination, talk.source]
    return new Judge(this.cluster.model).judge({
      from: { address: source, workload: sender.id },
      to: { address: destination, workload: receiver.id },
      protocol: talk.protocol,
      port,
    })
  }

  #isGuarded(tenant: string): boolean {
    return [...this.cluster.model.rows('policy')].some((policy) => (policy.tenant ?? tenant) === tenant)
  }

  #count(what: string, passes: boolean): boolean {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
    return passes
  }
}

/** Source and destination port of a packet; of pings twice the type. */
function portsOf({ talk: { protocol, port }, forth }: Said): readonly [source: number, destination: number] {
  if (protocol === 'icmp') return forth ? [8, 8] : [0, 0]
  if (protocol === 'icmp6') return forth ? [128, 128] : [129, 129]
  return forth ? [clientPort, port] : [port, clientPort]
}

/** The packet as fields. */
export function packetOf(said: Said): Fields {
  const { talk, forth, first } = said
  const { from, to, source, destination, protocol } = talk
  const ends = forth
    ? { from, source, to, destination }
    : { from: to, source: destination, to: from, destination: source }
  const [sourcePort, port] = portsOf(said)
  const fields = firstPacket({ ...ends, protocol, port })
  if (protocol === 'tcp') return { ...fields, tcpSrc: sourcePort, tcpFlags: first ? syn : ack }
  return protocol === 'udp' ? { ...fields, udpSrc: sourcePort } : fields
}
