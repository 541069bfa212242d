import { linkLocal, routerMac } from '../../flows/addresses.js'
import { packetInReasons } from '../../flows/answers.js'
import { reg } from '../../flows/registers.js'
import { type DhcpFigures, type DhcpNote, DhcpService } from '../dhcp/service.js'
import { clientOf } from '../dhcp6/client.js'
import { dhcp6Reply } from '../dhcp6/reply.js'
import { nameReply } from '../dns/reply.js'
import { Malformed } from '../frames/malformed.js'
import { type IpPacket, readPacket } from '../frames/packet.js'
import type { Model } from '../model/model.js'
import { peersOf } from '../model/peers.js'
import type { Change, NetworkRow, WorkloadRow } from '../model/rows.js'
import {
  RouterAdvertisements,
  type RouterAdvertisementsOptions,
} from '../router-advertisements/router-advertisements.js'
import type { PacketIn } from './bridges.js'
import type { SparingLog } from './sparing-log.js'

/** What workloads ask their networks, besides DHCP of IPv4. */
export type ServiceName = 'router-advertisements' | 'dhcp6' | 'names'

/** What became of a packet, by how often. */
export type Outcome = 'answered' | 'ignored' | 'malformed' | 'no-workload' | 'unasked'

export interface StationServiceFigures {
  readonly outcomes: Readonly<Record<ServiceName, Readonly<Partial<Record<Outcome, number>>>>>
  readonly dhcp: DhcpFigures
  /** Packets by which workloads tried to be a router, as far as switches have told of them, by workload. */
  readonly foreignRouters: Readonly<Record<string, number>>
}

export interface StationServicesOptions {
  readonly model: Model
  /** Sends a frame to a workload, out of its port of a host's bridge; false when the switch is not connected. */
  readonly send: RouterAdvertisementsOptions['send']
  readonly log: SparingLog
}

interface Asker {
  readonly host: string
  readonly workload: WorkloadRow
  readonly network: NetworkRow
}

type Service = (packet: IpPacket, asker: Asker) => Buffer | Malformed | undefined

const router = { mac: routerMac, address: linkLocal(routerMac) }

const serviceOf: ReadonlyMap<number, ServiceName> = new Map([
  [packetInReasons.routerSolicitation, 'router-advertisements'],
  [packetInReasons.dhcp6, 'dhcp6'],
  [packetInReasons.name, 'names'],
])

/** DHCP, router advertisements, DHCPv6 and names: answers what workloads ask, out of the port that they are behind. */
export class StationServices {
  readonly #dhcp: DhcpService
  readonly #advertisements: RouterAdvertisements
  readonly #services: Readonly<Record<ServiceName, Service>>
  readonly #counts: Readonly<Record<ServiceName, Partial<Record<Outcome, number>>>> = {
    'router-advertisements': {},
    dhcp6: {},
    names: {},
  }
  readonly #foreignRouters: Record<string, number> = {}

  constructor(readonly options: StationServicesOptions) {
    const { model, send } = options
    this.#dhcp = new DhcpService({ model, mac: routerMac, send, note: (note) => this.#note(note) })
    this.#advertisements = new RouterAdvertisements({ model, router, send })
    this.#services = {
      'router-advertisements': (packet, { network, workload }) =>
        this.#advertisements.answer(packet, network, workload),
      dhcp6: (packet, asker) => this.#dhcp6(packet, asker),
      names: (packet, { workload }) => nameReply(packet, { model, networks: this.#networksSeenBy(workload) }),
    }
  }

  get figures(): StationServiceFigures {
    const { 'router-advertisements': advertisements, ...others } = this.#counts
    const unasked = this.#advertisements.sent
    return {
      outcomes: {
        'router-advertisements': unasked > 0 ? { ...advertisements, unasked } : advertisements,
        ...others,
      },
      dhcp: this.#dhcp.figures,
      foreignRouters: this.#foreignRouters,
    }
  }

  /** Follows a transaction. */
  follow(changes: readonly Change[]): void {
    this.#advertisements.follow(changes)
  }

  /** A host's switch has connected and is as it should be. */
  reconnected(host: string): void {
    this.#advertisements.reconnected(host)
  }

  /** Does what it is time for; to be called often. */
  tick(nowMs: number): void {
    this.#advertisements.tick(nowMs)
  }

  /** Takes a packet that a switch sent for this; false: it was sent for something else. */
  packetIn(host: string, { userdata: [reason = 0], packet: frame, fields }: PacketIn): boolean {
    const { inPort: port, [reg.source]: key } = fields
    if (typeof port !== 'number' || typeof key !== 'number') return false
    const name = serviceOf.get(reason)
    if (name !== undefined) {
      const outcome = this.#serve(name, host, { frame, port, key })
      const counts = this.#counts[name]
      counts[outcome] = (counts[outcome] ?? 0) + 1
    } else if (reason === packetInReasons.dhcp) this.#dhcp.asked(host, { frame, port, source: key })
    else if (reason === packetInReasons.dhcpServer) this.#dhcp.served(host, key)
    else if (reason === packetInReasons.foreignRouter) this.#foreign(host, key)
    else return false
    return true
  }

  #note({ event, host, workload: { id }, text }: DhcpNote): void {
    const { log } = this.options
    const fields = { host, workload: id, event }
    if (event === 'leased') log.log.info(fields, text)
    else log.warn(`${event} ${id}`, fields, text)
  }

  #serve(
    name: ServiceName,
    host: string,
    { frame, port, key }: { readonly frame: Buffer; readonly port: number; readonly key: number },
  ): Outcome {
    const workload = this.#workload(key)
    const network = workload && this.options.model.get('network', workload.network)
    if (!workload || !network) return 'no-workload'
    const packet = readPacket(frame) ?? new Malformed('no whole IP packet')
    const answer =
      packet instanceof Malformed ? packet : this.#services[name](packet, { host, workload, network })
    if (answer instanceof Malformed) {
      const text = `malformed packet of ${workload.id} for ${name}: ${answer.why}`
      this.options.log.warn(
        `malformed ${name} ${workload.id}`,
        { host, workload: workload.id, service: name },
        text,
      )
      return 'malformed'
    }
    return answer && this.options.send(host, { port, workload }, answer) ? 'answered' : 'ignored'
  }

  #dhcp6(packet: IpPacket, { host, workload, network }: Asker): Buffer | Malformed | undefined {
    if (packet.macSource !== workload.mac) return undefined
    const client = clientOf(workload, network)
    const reply = client && dhcp6Reply(packet, client, router)
    if (!reply || reply instanceof Malformed) return reply
    if (reply.isDeclined) {
      const text = `${workload.id} declines an address of IPv6: it has seen it in use`
      this.options.log.warn(
        `declined6 ${workload.id}`,
        { host, workload: workload.id, event: 'declined' },
        text,
      )
    }
    return reply.frame
  }

  /** Its tenant's, and those that peers open to its network. */
  #networksSeenBy({ tenant, network }: WorkloadRow): readonly NetworkRow[] {
    const { model } = this.options
    const networks = [...model.by('networksByTenant', tenant)]
    for (const { ours, theirs } of peersOf(tenant, model))
      if (ours.some(({ id }) => id === network)) networks.push(...theirs)
    return networks
  }

  #foreign(host: string, key: number): void {
    const workload = this.#workload(key)
    if (!workload) return
    const { id } = workload
    this.#foreignRouters[id] = (this.#foreignRouters[id] ?? 0) + 1
    const fields = { host, workload: id, event: 'foreign-router' }
    this.options.log.warn(`foreign-router ${id}`, fields, `${id} plays router; nobody hears it`)
  }

  #workload(key: number): WorkloadRow | undefined {
    return this.options.model.by('workloadsByKey', String(key))[0]
  }
}
