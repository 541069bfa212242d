import { isIPv6 } from 'node:net'
import { IPv4, IPv6 } from 'ip-num'

/** A station that says where it is. */
export interface Advertisement {
  readonly address: string
  readonly mac: string
}

const broadcast = 'ff:ff:ff:ff:ff:ff'
const arpType = 0x0806
const ipv6Type = 0x86dd
const icmp6 = 58

/**
 * The frame that asks who has an address: an ARP request (RFC 826) or a neighbour solicitation (RFC 4861 §4.3).
 * @param target the address that is asked for
 * @param source the asking station's own
 */
export function whoHas(target: string, source: Advertisement): Buffer {
  return isIPv6(target) ? solicitation(target, source) : arpRequest(target, source)
}

/** What an ARP reply or neighbour advertisement says; undefined for any other frame, or one that is cut short. */
export function readAdvertisement(frame: Buffer): Advertisement | undefined {
  if (frame.length < 14) return undefined
  const type = frame.readUInt16BE(12)
  if (type === arpType && frame.length >= 42 && frame.readUInt16BE(20) === 2)
    return { address: ipv4Text(frame, 28), mac: macText(frame, 22) }
  if (type === ipv6Type && frame.length >= 78 && frame[20] === icmp6 && frame[54] === 136)
    return { address: ipv6Text(frame, 62), mac: targetMac(frame) ?? macText(frame, 6) }
  return undefined
}

/** Where an IP packet goes; undefined for any other frame. */
export function readDestination(frame: Buffer): string | undefined {
  if (frame.length >= 34 && frame.readUInt16BE(12) === 0x0800) return ipv4Text(frame, 30)
  if (frame.length >= 54 && frame.readUInt16BE(12) === ipv6Type) return ipv6Text(frame, 38)
  return undefined
}

function arpRequest(target: string, { address, mac }: Advertisement): Buffer {
  const arp = Buffer.from([0, 1, 8, 0, 6, 4, 0, 1])
  return Buffer.concat([
    ethernet(broadcast, mac, arpType),
    arp,
    macBytes(mac),
    ipv4Bytes(address),
    Buffer.alloc(6),
    ipv4Bytes(target),
  ])
}

function solicitation(target: string, { address, mac }: Advertisement): Buffer {
  const wanted = ipv6Bytes(target)
  const group = Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), wanted.subarray(13)])
  const message = Buffer.concat([
    Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]),
    wanted,
    Buffer.from([1, 1]),
    macBytes(mac),
  ])
  const addresses = Buffer.concat([ipv6Bytes(address), group])
  message.writeUInt16BE(checksum(Buffer.concat([addresses, pseudoTail(message.length), message])), 2)
  const header = Buffer.from([0x60, 0, 0, 0, 0, message.length, icmp6, 255])
  const groupMac = `33:33:ff:${macText(Buffer.concat([Buffer.alloc(3), wanted.subarray(13)]), 0).slice(9)}`
  return Buffer.concat([ethernet(groupMac, mac, ipv6Type), header, addresses, message])
}

/** Length and next header of the pseudo-header (RFC 8200 §8.1). */
function pseudoTail(length: number): Buffer {
  return Buffer.from([0, 0, 0, length, 0, 0, 0, icmp6])
}

/** The Internet checksum (RFC 1071) of an even number of bytes. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** The target link-layer address option, if the advertisement has one. */
function targetMac(frame: Buffer): string | undefined {
  for (let at = 78; at + 8 <= frame.length; ) {
    const size = 8 * frame.readUInt8(at + 1)
    if (size === 0) return undefined
    if (frame[at] === 2) return macText(frame, at + 2)
    at += size
  }
  return undefined
}

function ethernet(destination: string, source: string, type: number): Buffer {
  return Buffer.concat([macBytes(destination), macBytes(source), Buffer.from([type >>> 8, type & 0xff])])
}

function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex')
}

function macText(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + 6).replaceAll(/(..)(?=.)/g, '$1:')
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

function ipv4Text(bytes: Buffer, at: number): string {
  return IPv4.fromNumber(bytes.readUInt32BE(at)).toString()
}

function ipv6Bytes(address: string): Buffer {
  return Buffer.from(IPv6.fromString(address).getValue().toString(16).padStart(32, '0'), 'hex')
}

/** In the canonical form that rows have (RFC 5952), by way of the URL parser, which writes it. */
function ipv6Text(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
