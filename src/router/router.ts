import { ipFrame } from '../frames/headers.js'
import { icmpError } from '../frames/icmp-error.js'
import { type IpPacket, readPacket } from '../frames/packet.js'
import { readdressed } from '../frames/readdressed.js'
import { refusal, rejection } from '../frames/rejection.js'
import { covers } from '../model/block.js'
import type { Model } from '../model/model.js'
import { addressAt, versionOf } from '../model/outside.js'
import type { GatewayRow, NetworkRow, WorkloadRow } from '../model/rows.js'
import { workloadPort } from '../model/workload-port.js'
import { isBroadcast } from './broadcast.js'
import { Connections, type ConnectionsFigures, type ConnectionsOptions } from './connections.js'
import { type Kind, type Notice, readNotice } from './notice.js'
import { leavingFace, publicFace } from './outside-face.js'
import type { Way } from './way.js'

/** A packet that a switch sent because it cannot go on. */
export interface StrandedPacket {
  readonly userdata: Uint8Array
  readonly frame: Buffer
  /** The port by which it came to the bridge; 0: none, as it has gone out and in again. */
  readonly port: number
  /** Who has sent it: a workload, a physical station on a VLAN of its network, or somebody outside, through the translations. */
  readonly from: 'workload' | 'wire' | 'outside'
  /** Key of the workload that sent it on this host; 0: none. */
  readonly source: number
  /** VNI of the network that it is in, and numbers of the tenant and the gateway that it is at; 0: none. */
  readonly network: number
  readonly tenant: number
  readonly gateway: number
}

/** An answer on its way. */
export interface Answer {
  readonly host: string
  readonly kind: Kind
  /** The packet that it is about. */
  readonly packet: IpPacket
}

export interface RouterOptions extends ConnectionsOptions {
  readonly model: Model
  readonly onAnswer: (answer: Answer) => void
}

/** A gateway, and the host that carries it. */
interface Carried {
  readonly gateway: GatewayRow
  readonly host: string
}

/** Counts of packets that could not go on. */
export interface RouterFigures {
  /** Senders that were told, by kind. */
  readonly answered: Readonly<Record<Kind, number>>
  /** Packets that must not be answered, or not yet, or of what is gone by now. */
  readonly suppressed: number
  readonly connections: ConnectionsFigures
  /** Could not be read. */
  readonly malformed: number
}

/** Where an answer comes from and how it sets out. */
interface Sender {
  /** Undefined: this router has no address of the packet's IP version. */
  readonly address: string | undefined
  readonly way: Way
  /** The MAC that it goes to, where not to a router. */
  readonly mac?: string
  /** The packet as its sender knows it, where conntrack does not put that back. */
  readonly quoted?: IpPacket
}

/**
 * What routers say to senders: of tenants, and of gateways. It tells, and forwards nothing, so while no controller runs
 * only the answers are missing.
 */
export class Router {
  readonly #answered: Record<Kind, number> = {
    hopsExceeded: 0,
    noRoute: 0,
    noHost: 0,
    tooLarge: 0,
    untranslated: 0,
    closed: 0,
    orphaned: 0,
  }
  #suppressed = 0
  #malformed = 0
  readonly connections: Connections

  constructor(readonly options: RouterOptions) {
    this.connections = new Connections(options)
  }

  get figures(): RouterFigures {
    return {
      answered: { ...this.#answered },
      suppressed: this.#suppressed,
      malformed: this.#malformed,
      connections: this.connections.figures,
    }
  }

  stranded(host: string, stranded: StrandedPacket): void {
    const notice = readNotice(stranded.userdata)
    const packet = readPacket(stranded.frame)
    if (!notice || !packet) {
      this.#malformed++
      return
    }
    const mayGoOn = notice.kind === 'orphaned' && !this.connections.isGivenUp(host, stranded.gateway, packet)
    const sender = mayGoOn ? undefined : this.#sender(host, notice, packet, stranded)
    const answer = sender && this.#answer(notice, sender.quoted ?? packet, sender, stranded)
    if (!answer) {
      this.#suppressed++
      return
    }
    const { mac } = this.options
    const frame =
      notice.place === 'wire'
        ? ipFrame(packet.macSource, packet.macDestination, answer)
        : ipFrame(sender.mac ?? mac, mac, answer)
    this.#answered[notice.kind]++
    this.options.send(host, sender.way, frame)
    this.options.onAnswer({ host, kind: notice.kind, packet })
  }

  #sender(
    host: string,
    { kind, place }: Notice,
    packet: IpPacket,
    stranded: StrandedPacket,
  ): Sender | undefined {
    const { model } = this.options
    const { port, network, tenant } = stranded
    const gateway = model.by('gatewaysByNumber', String(stranded.gateway))[0]
    if (place === 'router') {
      if (stranded.from === 'workload') return this.#atWorkload(packet, stranded)
      if (stranded.from === 'wire') return this.#onWire(packet, stranded)
      return gateway && this.#outside(kind, packet, tenant, { gateway, host })
    }
    if (!gateway) return undefined
    const { number } = gateway
    if (place === 'transit') return { address: packet.destination, way: { transit: number } }
    const address = ownAddress(packet, { gateway, host })
    if (place === 'gateway') return { address, way: { network, tenant } }
    return { address, way: port === 0 ? { wire: number } : { port } }
  }

  /**
   * Who tells a station outside, which knows the workload by another address. What it has sent to a public one is told
   * of as it was. What answers a workload goes back through the translations, as if the workload sent the error: conntrack
   * alone knows the port. But conntrack of Open vSwitch spoils ICMPv6 errors: it corrects the checksum of the TCP or UDP
   * header where that would be in a packet that is no error.
   */
  #outside(kind: Kind, packet: IpPacket, tenant: number, at: Carried): Sender | undefined {
    const { model } = this.options
    const { gateway, host } = at
    const { destination } = packet
    const [owner] = model.by('tenantsByNumber', String(tenant))
    const [workload] = owner ? model.by('workloadsByAddress', `${owner.id} ${destination}`) : []
    if (!workload) return undefined
    const known = publicFace(packet, workload, gateway, host, model)
    if (!known && versionOf(destination) === 4)
      return { address: destination, way: { tenant, gateway: gateway.number } }
    const face = known ?? leavingFace(packet, workload, model)
    if (!face) return undefined
    return {
      address: kind === 'hopsExceeded' ? ownAddress(packet, at) : face.address,
      way: { wire: gateway.number },
      quoted: readdressed(packet, face.address, face.port),
    }
  }

  /** The router that a workload of this host has sent the packet to. */
  #atWorkload(packet: IpPacket, { port, source }: StrandedPacket): Sender | undefined {
    const workload = this.options.model.by('workloadsByKey', String(source))[0]
    const network = workload && this.options.model.get('network', workload.network)
    if (!network) return undefined
    const address = ofVersion(packet, network.gateway, network.gateway6)
    return {
      address,
      way: workloadPort(workload, port, this.options.model),
      mac: macOf(workload, packet.source),
    }
  }

  /** The router that a physical station has sent the packet to: that of the network whose address it has. */
  #onWire(packet: IpPacket, { tenant }: StrandedPacket): Sender | undefined {
    const network = this.#networksOf(tenant).find(({ subnet, subnet6 }) => {
      const block = ofVersion(packet, subnet, subnet6)
      return block !== undefined && covers(block, packet.source)
    })
    if (!network) return undefined
    const address = ofVersion(packet, network.gateway, network.gateway6)
    return { address, way: { network: network.vni, tenant } }
  }

  #answer(
    { kind, place, mtu }: Notice,
    packet: IpPacket,
    { address }: Sender,
    stranded: StrandedPacket,
  ): Buffer | undefined {
    if (kind === 'untranslated') return rejection(packet)
    if (kind === 'closed' || kind === 'orphaned') return refusal(packet)
    const networks = place === 'router' ? this.#networks(stranded) : []
    if (networks.some(({ gateway, gateway6 }) => [gateway, gateway6].includes(packet.destination)))
      return refusal(packet)
    if (networks.some(({ subnet }) => subnet && isBroadcast(packet.destination, subnet))) return undefined
    return address === undefined ? undefined : icmpError(packet, { problem: kind, source: address, mtu })
  }

  /** The network that a packet is in, and those of the tenant whose router it is at. */
  #networks({ network, tenant }: StrandedPacket): readonly NetworkRow[] {
    return [...this.options.model.by('networksByVni', String(network)), ...this.#networksOf(tenant)]
  }

  #networksOf(tenant: number): readonly NetworkRow[] {
    const { model } = this.options
    const [row] = model.by('tenantsByNumber', String(tenant))
    return row ? model.by('networksByTenant', row.id) : []
  }
}

/** The MAC with which a workload uses an address. */
function macOf({ mac, addresses, allowed = [] }: WorkloadRow, address: string): string {
  if (addresses.includes(address)) return mac
  return allowed.find(({ ip }) => covers(ip, address))?.mac ?? mac
}

/** A gateway's own address while a host carries it. */
function ownAddress(packet: IpPacket, { gateway, host }: Carried): string | undefined {
  return ofVersion(packet, addressAt(gateway, gateway.address, host), gateway.address6)
}

/** Of a router's two addresses, or a network's two subnets, the one that has the packet's IP version. */
function ofVersion(
  { source }: IpPacket,
  address: string | undefined,
  address6: string | undefined,
): string | undefined {
  return source.includes(':') ? address6 : address
}
