import { ipFrame } from '../frames/headers.js'
import { type IpPacket, readPacket } from '../frames/packet.js'
import { rejection } from '../frames/rejection.js'
import { covers } from '../model/block.js'
import type { Model } from '../model/model.js'
import type { Direction, PolicyRow, PolicyRule, WorkloadRow } from '../model/rows.js'
import { type WorkloadPort, workloadPort } from '../model/workload-port.js'
import { defaultIndex, type Outcome, readNotice } from './notice.js'

/** A packet that a switch sent because a rule has decided on it. */
export interface JudgedPacket {
  readonly userdata: Uint8Array
  readonly frame: Buffer
  /** The port by which it came to the bridge. */
  readonly port: number
  /** Keys of the workload that sent it on this host, and of the one that it is for; 0: unknown there. */
  readonly source: number
  readonly destination: number
}

/** How an answer gets to the sender: by its port of the host, or by the router of a tenant from one of its networks. */
export type WayBack = WorkloadPort | { readonly network: number; readonly tenant: number }

export interface VerdictsOptions {
  readonly model: Model
  /** The tenants that a tenant is in touch with. */
  readonly peersOf: (tenant: string) => Iterable<string>
  /** Sends a frame at a host's bridge. */
  readonly send: (host: string, way: WayBack, frame: Buffer) => void
  /** Hears of what is to be logged. */
  readonly onJudgement: (judgement: Judgement) => void
}

/** A decision that a rule wants to be known. */
export interface Judgement {
  readonly host: string
  readonly direction: Direction
  readonly outcome: Outcome
  readonly packet: IpPacket
  /** The workload that was judged for: the source at egress, the destination at ingress. */
  readonly subject: WorkloadRow
  /** Undefined for an end that is no workload of the tenant or of one that it is in touch with. */
  readonly source: WorkloadRow | undefined
  readonly destination: WorkloadRow | undefined
  /** Undefined: no policy says otherwise. */
  readonly policy: PolicyRow | undefined
  /** Undefined: what the policy's rules leave over. */
  readonly rule: PolicyRule | undefined
}

/** Counts of packets that switches sent for a verdict. */
export interface VerdictFigures {
  readonly received: number
  /** Could not be read. */
  readonly malformed: number
  /** Belong to no workload, policy or rule that is there. */
  readonly stale: number
  /** Were answered, so that the sender knows. */
  readonly answered: number
}

/** Takes the packets that rules with `reject` and `log` let switches send: answers senders, and tells of the rest. */
export class Verdicts {
  #received = 0
  #malformed = 0
  #stale = 0
  #answered = 0

  constructor(readonly options: VerdictsOptions) {}

  get figures(): VerdictFigures {
    return {
      received: this.#received,
      malformed: this.#malformed,
      stale: this.#stale,
      answered: this.#answered,
    }
  }

  judged(host: string, judged: JudgedPacket): void {
    this.#received++
    const notice = readNotice(judged.userdata)
    const packet = readPacket(judged.frame)
    if (!notice || !packet) {
      this.#malformed++
      return
    }
    const { direction, outcome } = notice
    const subject = this.#workload(direction === 'egress' ? judged.source : judged.destination)
    const policy = this.#policy(notice.rule.policy)
    if (!subject || isTurned(direction, subject, packet)) {
      this.#stale++
      return
    }
    if (outcome === 'reject') this.#answer(host, direction, judged.port, subject, packet)
    const rule = policy?.[direction]?.find(({ index }) => index === notice.rule.index)
    const isKnown = notice.rule.policy === 0 || (policy && (rule || notice.rule.index === defaultIndex))
    if (!isKnown) {
      this.#stale++
      return
    }
    // What is refused comes to be answered, whether or not it is to be logged.
    if (outcome === 'reject' && rule?.log === false) return
    const { source, destination } = this.#ends(direction, subject, packet)
    this.options.onJudgement({
      host,
      direction,
      outcome,
      packet,
      subject,
      source,
      destination,
      policy,
      rule,
    })
  }

  #answer(host: string, direction: Direction, port: number, subject: WorkloadRow, packet: IpPacket): void {
    const way =
      direction === 'egress' ? workloadPort(subject, port, this.options.model) : this.#router(subject)
    const answer = rejection(packet)
    if (!way || !answer) return
    this.#answered++
    this.options.send(host, way, ipFrame(packet.macSource, packet.macDestination, answer))
  }

  /** Where the answer of a workload sets out. */
  #router({ network, tenant }: WorkloadRow): WayBack | undefined {
    const from = this.options.model.get('network', network)
    const of = this.options.model.get('tenant', tenant)
    return from && of && { network: from.vni, tenant: of.number }
  }

  #ends(direction: Direction, subject: WorkloadRow, packet: IpPacket) {
    return direction === 'egress'
      ? { source: subject, destination: this.#holder(packet.destination, subject.tenant) }
      : { source: this.#holder(packet.source, subject.tenant), destination: subject }
  }

  /** Who has an address, as a tenant sees it. */
  #holder(address: string, tenant: string): WorkloadRow | undefined {
    for (const owner of [tenant, ...this.options.peersOf(tenant)]) {
      const [holder] = this.options.model.by('workloadsByAddress', `${owner} ${address}`)
      if (holder) return holder
    }
    return undefined
  }

  #workload(key: number): WorkloadRow | undefined {
    return this.options.model.by('workloadsByKey', String(key))[0]
  }

  #policy(number: number): PolicyRow | undefined {
    return number === 0 ? undefined : this.options.model.by('policiesByNumber', String(number))[0]
  }
}

/** Flows ask rules about a packet that comes back as if it went the other way: nobody sent that one. */
function isTurned(
  direction: Direction,
  { addresses, allowed = [] }: WorkloadRow,
  { source, destination }: IpPacket,
): boolean {
  const own = direction === 'egress' ? destination : source
  return addresses.includes(own) || allowed.some(({ ip }) => covers(ip, own))
}
