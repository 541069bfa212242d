import { isIPv6 } from 'node:net'
import { addressBytes, ipv4Text, ipv6Text, macBytes, macText } from './addresses.js'
import { checksumWithAddresses, ethernetHeader, ipPacket } from './headers.js'
import { etherType, protocol } from './protocols.js'

/** A station that says where it is. */
export interface Advertisement {
  readonly address: string
  readonly mac: string
}

const broadcast = 'ff:ff:ff:ff:ff:ff'

/**
 * The frame that asks who has an address: an ARP request (RFC 826) or a neighbour solicitation (RFC 4861 §4.3).
 * @param target the address that is asked for
 * @param source the asking station's own
 */
export function whoHas(target: string, source: Advertisement): Buffer {
  return isIPv6(target) ? solicitation(target, source) : arpRequest(target, source)
}

/**
 * The frame by which a station says, unasked, where an address is: an ARP announcement (RFC 5227 §2.3) or an
 * unsolicited neighbour advertisement (RFC 4861 §7.2.6).
 */
export function announcement({ address, mac }: Advertisement): Buffer {
  return isIPv6(address) ? unsolicited({ address, mac }) : arpRequest(address, { address, mac })
}

/**
 * What an ARP reply or announcement (RFC 5227 §2.3), or a neighbour advertisement says; undefined for any other frame, or one
 * that is cut short.
 */
export function readAdvertisement(frame: Buffer): Advertisement | undefined {
  if (frame.length < 14) return undefined
  const type = frame.readUInt16BE(12)
  if (type === etherType.arp && frame.length >= 42 && (frame.readUInt16BE(20) === 2 || isAnnouncement(frame)))
    return { address: ipv4Text(frame, 28), mac: macText(frame, 22) }
  if (type === etherType.ipv6 && frame.length >= 78 && frame[20] === protocol.icmp6 && frame[54] === 136)
    return { address: ipv6Text(frame, 62), mac: optionMac(frame, 2) ?? macText(frame, 6) }
  return undefined
}

/** What an ARP request or neighbour solicitation says of who asks; undefined for any other frame, or one that says nothing. */
export function readQuestioner(frame: Buffer): Advertisement | undefined {
  if (frame.length < 42) return undefined
  const type = frame.readUInt16BE(12)
  if (type === etherType.arp && frame.readUInt16BE(20) === 1 && frame.readUInt32BE(28) !== 0)
    return { address: ipv4Text(frame, 28), mac: macText(frame, 22) }
  if (type === etherType.ipv6 && frame.length >= 78 && frame[20] === protocol.icmp6 && frame[54] === 135) {
    const mac = optionMac(frame, 1)
    return mac === undefined ? undefined : { address: ipv6Text(frame, 22), mac }
  }
  return undefined
}

/** Where an IP packet goes; undefined for any other frame. */
export function readDestination(frame: Buffer): string | undefined {
  if (frame.length >= 34 && frame.readUInt16BE(12) === etherType.ipv4) return ipv4Text(frame, 30)
  if (frame.length >= 54 && frame.readUInt16BE(12) === etherType.ipv6) return ipv6Text(frame, 38)
  return undefined
}

/** Whether an ARP request asks for its sender's own address. */
function isAnnouncement(frame: Buffer): boolean {
  return frame.readUInt16BE(20) === 1 && frame.readUInt32BE(28) === frame.readUInt32BE(38)
}

function arpRequest(target: string, { address, mac }: Advertisement): Buffer {
  const arp = Buffer.from([0, 1, 8, 0, 6, 4, 0, 1])
  return Buffer.concat([
    ethernetHeader(broadcast, mac, etherType.arp),
    arp,
    macBytes(mac),
    addressBytes(address),
    Buffer.alloc(6),
    addressBytes(target),
  ])
}

function solicitation(target: string, { address, mac }: Advertisement): Buffer {
  const low = addressBytes(target).subarray(13).toString('hex').replaceAll(/../g, ':$&')
  const group = `ff02::1:ff${low.slice(1, 3)}:${low.slice(4).replace(':', '')}`
  const message = Buffer.concat([
    Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]),
    addressBytes(target),
    Buffer.from([1, 1]),
    macBytes(mac),
  ])
  const header = { source: address, destination: group, protocol: protocol.icmp6, hops: 255 }
  message.writeUInt16BE(checksumWithAddresses(header, message), 2)
  return Buffer.concat([ethernetHeader(`33:33:ff${low}`, mac, etherType.ipv6), ipPacket(header, message)])
}

/** To all nodes, with the override flag and the target link-layer address (RFC 4861 §4.4). */
function unsolicited({ address, mac }: Advertisement): Buffer {
  const message = Buffer.concat([
    Buffer.from([136, 0, 0, 0, 0x20, 0, 0, 0]),
    addressBytes(address),
    Buffer.from([2, 1]),
    macBytes(mac),
  ])
  const header = { source: address, destination: 'ff02::1', protocol: protocol.icmp6, hops: 255 }
  message.writeUInt16BE(checksumWithAddresses(header, message), 2)
  return Buffer.concat([ethernetHeader('33:33:00:00:00:01', mac, etherType.ipv6), ipPacket(header, message)])
}

/** The MAC in the source (1) or target (2) link-layer address option (RFC 4861 §4.6.1), if the message has one. */
function optionMac(frame: Buffer, option: 1 | 2): string | undefined {
  for (let at = 78; at + 8 <= frame.length; ) {
    const size = 8 * frame.readUInt8(at + 1)
    if (size === 0) return undefined
    if (frame[at] === option) return macText(frame, at + 2)
    at += size
  }
  return undefined
}
