import { Malformed } from '../frames/malformed.js'
import type { IpPacket } from '../frames/packet.js'
import { readDatagram, udpFrame } from '../frames/udp.js'
import { answerBytes, readQuery } from './message.js'
import { answer, type View } from './zone.js'

/** The frame that answers a question for names, from whom it was asked; undefined for what is no question. */
export function nameReply(packet: IpPacket, view: View): Buffer | Malformed | undefined {
  const data = readDatagram(packet)
  if (!data || !packet.ports) return new Malformed('no whole datagram')
  const query = readQuery(data)
  if (!query || query instanceof Malformed) return query
  const header = {
    macSource: packet.macDestination,
    macDestination: packet.macSource,
    source: packet.destination,
    destination: packet.source,
    ports: { source: packet.ports.destination, destination: packet.ports.source },
  }
  return udpFrame(header, answerBytes(query, answer(query, view)))
}
