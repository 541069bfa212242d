import { Malformed } from '../frames/malformed.js'
import type { IpPacket } from '../frames/packet.js'
import { readDatagram, udpFrame } from '../frames/udp.js'
import { messageBytes, messageType, readMessage } from './message.js'
import { answer, type Client, serverId } from './server.js'

/** RFC 8415 §7.2. */
const ports = { source: 547, destination: 546 } as const

/** The station that answers: the network's router. */
export interface Server {
  readonly mac: string
  /** Its link-local address. */
  readonly address: string
}

/** What is sent to a client. */
export interface Reply {
  readonly frame: Buffer
  /** The client says that somebody else has its address. */
  readonly isDeclined: boolean
}

/** Answers a packet to all servers of a link; undefined where it is for another one. */
export function dhcp6Reply(packet: IpPacket, client: Client, server: Server): Reply | Malformed | undefined {
  const data = readDatagram(packet)
  const message = data && readMessage(data)
  if (!message) return new Malformed(data ? 'an option is cut short' : 'no whole datagram')
  const answered = answer(message, client, serverId(server.mac))
  if (!answered || answered instanceof Malformed) return answered
  const header = {
    macSource: server.mac,
    macDestination: packet.macSource,
    source: server.address,
    destination: packet.source,
    ports,
  }
  return {
    frame: udpFrame(header, messageBytes(answered)),
    isDeclined: message.type === messageType.decline,
  }
}
