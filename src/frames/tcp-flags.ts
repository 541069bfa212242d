import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'

/** Control bits of a TCP header, in its byte 13 (RFC 9293 §3.1). */
export const tcpFlag = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const

/** Whether a packet asks for a TCP connection (RFC 9293 §3.5). */
export function isOpening({ protocol: number, payload, isLaterFragment }: IpPacket): boolean {
  if (number !== protocol.tcp || isLaterFragment || payload.length < 14) return false
  return (payload.readUInt8(13) & (tcpFlag.syn | tcpFlag.ack)) === tcpFlag.syn
}
