import { Malformed } from '../frames/malformed.js'
import { readPacket } from '../frames/packet.js'
import { readDatagram, udpFrame } from '../frames/udp.js'
import type { Model } from '../model/model.js'
import type { WorkloadRow } from '../model/rows.js'
import type { WorkloadPort } from '../model/workload-port.js'
import { type Answer, answer, type Silence } from './answer.js'
import { type Lease, leaseOf } from './lease.js'
import { type DhcpRequest, readRequest } from './message.js'
import type { MessageType } from './options.js'

/** A packet that a workload sent and its switch passed on. */
export interface SentPacket {
  readonly frame: Buffer
  /** The port by which it came to the bridge. */
  readonly port: number
  /** Key of the workload that sent it. */
  readonly source: number
}

export interface DhcpServiceOptions {
  readonly model: Model
  /** The MAC that answers come from: the router's. */
  readonly mac: string
  /** Sends a frame to a workload, out of its port of a host's bridge. */
  readonly send: (host: string, to: WorkloadPort, frame: Buffer) => void
  /** Hears of what is worth a line. */
  readonly note: (note: DhcpNote) => void
}

/** What happened to a workload. */
export interface DhcpNote {
  readonly event: 'leased' | 'malformed' | 'foreign-mac' | 'declined' | 'foreign-server'
  readonly host: string
  readonly workload: WorkloadRow
  /** In words, for a log. */
  readonly text: string
}

/** Why a request got no answer. */
export type Ignored = Silence | 'malformed' | 'foreign-mac' | 'no-lease' | 'no-workload'

/** Counts of packets since the start. */
export interface DhcpFigures {
  readonly requests: Readonly<Partial<Record<MessageType, number>>>
  readonly answers: Readonly<Partial<Record<Answer['type'], number>>>
  readonly ignored: Readonly<Partial<Record<Ignored, number>>>
  /** Packets by which workloads tried to be a server themselves, as far as switches have told of them, by workload. */
  readonly foreignServers: Readonly<Record<string, number>>
}

const ports = { source: 67, destination: 68 } as const
const broadcast = { mac: 'ff:ff:ff:ff:ff:ff', address: '255.255.255.255' } as const

/** The DHCP server of every network that has one: it knows each workload's address before it asks. */
export class DhcpService {
  readonly #requests: Partial<Record<MessageType, number>> = {}
  readonly #answers: Partial<Record<Answer['type'], number>> = {}
  readonly #ignored: Partial<Record<Ignored, number>> = {}
  readonly #foreignServers: Record<string, number> = {}
  /** Workloads that have been given what their rows say now. */
  readonly #leased = new WeakSet<WorkloadRow>()

  constructor(readonly options: DhcpServiceOptions) {}

  get figures(): DhcpFigures {
    return {
      requests: this.#requests,
      answers: this.#answers,
      ignored: this.#ignored,
      foreignServers: this.#foreignServers,
    }
  }

  /** Takes what a workload sent to a server. */
  asked(host: string, sent: SentPacket): void {
    const ignored = this.#serve(host, sent)
    if (ignored !== undefined) add(this.#ignored, ignored)
  }

  #serve(host: string, { frame, port, source }: SentPacket): Ignored | undefined {
    const workload = this.#workload(source)
    if (!workload) return 'no-workload'
    const { id } = workload
    const request = readFrame(frame)
    if (request instanceof Malformed) {
      this.#note('malformed', host, workload, `malformed DHCP message of ${id}: ${request.why}`)
      return 'malformed'
    }
    add(this.#requests, request.type)
    if (request.mac !== workload.mac) {
      this.#note('foreign-mac', host, workload, `${id} asks for an address for ${request.mac}, in vain`)
      return 'foreign-mac'
    }
    const lease = leaseOf(workload, this.options.model)
    if (!lease) return 'no-lease'
    const found = answer(request, lease)
    if (found === 'declined')
      this.#note('declined', host, workload, `${id} declines ${lease.address}: it has seen it in use`)
    if (typeof found === 'string') return found
    add(this.#answers, found.type)
    this.options.send(host, { port, workload }, this.#frame(request, lease, found))
    if (found.type === 'ack' && !this.#leased.has(workload)) {
      this.#leased.add(workload)
      this.#note('leased', host, workload, `${id} has leased ${lease.address} for ${lease.seconds} s`)
    }
    return undefined
  }

  /** Takes what only a server sends, and a workload has sent. */
  served(host: string, source: number): void {
    const workload = this.#workload(source)
    if (!workload) return
    add(this.#foreignServers, workload.id)
    this.#note('foreign-server', host, workload, `${workload.id} plays DHCP server; nobody hears it`)
  }

  #frame({ mac }: DhcpRequest, { server }: Lease, { destination, message }: Answer): Buffer {
    const macDestination = destination === broadcast.address ? broadcast.mac : mac
    return udpFrame(
      { macSource: this.options.mac, macDestination, source: server, destination, ports },
      message,
    )
  }

  #workload(key: number): WorkloadRow | undefined {
    return this.options.model.by('workloadsByKey', String(key))[0]
  }

  #note(event: DhcpNote['event'], host: string, workload: WorkloadRow, text: string): void {
    this.options.note({ event, host, workload, text })
  }
}

function readFrame(frame: Buffer): DhcpRequest | Malformed {
  const packet = readPacket(frame)
  const datagram = packet && readDatagram(packet)
  return datagram ? readRequest(datagram) : new Malformed('not one whole datagram')
}

function add<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1
}
