import { IPv4, IPv6 } from 'ip-num'
import type { Lab } from '../../../src/lab/index.js'

export const broadcast = 'ff:ff:ff:ff:ff:ff'

/** Writes each line of hexadecimal digits as one frame to a device (packet(7)): Perl is part of every Debian host. */
const sender = `
  my ($device) = @ARGV;
  open(my $file, '<', "/sys/class/net/$device/ifindex") or die $!;
  my $index = <$file>;
  socket(my $socket, 17, 3, 0) or die $!;
  my $address = pack('S S l S C C a8', 17, 0, $index, 0, 0, 6, '');
  while (<STDIN>) { chomp; defined send($socket, pack('H*', $_), 0, $address) or die $! }
`

/** Sends raw frames from a namespace, past its network stack. */
export async function send(
  lab: Lab,
  from: string,
  frames: readonly Buffer[],
  device = 'eth0',
): Promise<void> {
  const input = frames.map((frame) => `${frame.toString('hex')}\n`).join('')
  const { status, stderr } = await lab.exec(from, ['perl', '-e', sender, device], { input })
  if (status !== 0) throw new Error(`frames could not be sent from ${from}: ${stderr}`)
}

export function mac(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex')
}

export function ip(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(new IPv4(text).getOctets().map((octet) => octet.getValue()))
  return Buffer.from(new IPv6(text).getValue().toString(16).padStart(32, '0'), 'hex')
}

/** The MAC that an IPv6 multicast address goes to (RFC 2464 §7). */
export function multicastMac(address: string): string {
  const [a, b, c, d] = ip(address).subarray(12)
  return ['33', '33', ...[a, b, c, d].map((byte) => (byte ?? 0).toString(16).padStart(2, '0'))].join(':')
}

export function ethernet(dst: string, src: string, type: number, payload: Buffer): Buffer {
  return Buffer.concat([mac(dst), mac(src), number16(type), pad(payload)])
}

/** The frame with an 802.1Q tag. */
export function tagged(frame: Buffer, vid: number): Buffer {
  return Buffer.concat([frame.subarray(0, 12), number16(0x8100), number16(vid), frame.subarray(12)])
}

export interface Arp {
  readonly op: 1 | 2
  readonly sha: string
  readonly spa: string
  readonly tha?: string
  readonly tpa: string
}

export function arp({ op, sha, spa, tha = '00:00:00:00:00:00', tpa }: Arp): Buffer {
  return Buffer.concat([Buffer.from([0, 1, 8, 0, 6, 4, 0, op]), ...[mac(sha), ip(spa), mac(tha), ip(tpa)]])
}

export interface Packet {
  readonly src: string
  readonly dst: string
  readonly protocol: number
  readonly ttl?: number
}

export function ipv4({ src, dst, protocol, ttl = 64 }: Packet, payload: Buffer): Buffer {
  const header = Buffer.concat([
    Buffer.from([0x45, 0]),
    number16(20 + payload.length),
    Buffer.from([0, 0, 0, 0, ttl, protocol, 0, 0]),
    ...[ip(src), ip(dst)],
  ])
  header.writeUInt16BE(checksum(header), 10)
  return Buffer.concat([header, payload])
}

export function ipv6({ src, dst, protocol, ttl = 64 }: Packet, payload: Buffer): Buffer {
  const start = Buffer.from([0x60, 0, 0, 0, 0, 0, protocol, ttl])
  start.writeUInt16BE(payload.length, 4)
  return Buffer.concat([start, ip(src), ip(dst), payload])
}

/** Without checksum, as IPv4 permits. */
export function udp(srcPort: number, dstPort: number, data: Buffer = Buffer.from('hello')): Buffer {
  return Buffer.concat([...[srcPort, dstPort, 8 + data.length, 0].map(number16), data])
}

export interface Segment {
  readonly srcPort: number
  readonly dstPort: number
  readonly seq: number
  readonly ack: number
}

/** A TCP segment with flag ACK and without data, in its packet (RFC 9293 §3.1). */
export function tcpAck(src: string, dst: string, { srcPort, dstPort, seq, ack }: Segment): Buffer {
  const segment = Buffer.concat([
    ...[srcPort, dstPort, seq >>> 16, seq, ack >>> 16, ack].map(number16),
    Buffer.from([0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]),
  ])
  const pseudo = Buffer.concat([ip(src), ip(dst), Buffer.from([0, 6, 0, segment.length])])
  segment.writeUInt16BE(checksum(Buffer.concat([pseudo, segment])), 16)
  return ipv4({ src, dst, protocol: 6 }, segment)
}

/** An ICMPv6 message in its packet, with hop limit 255 as neighbour discovery wants it (RFC 4861 §7.1). */
export function icmp6(src: string, dst: string, type: number, body: Buffer): Buffer {
  const message = Buffer.concat([Buffer.from([type, 0, 0, 0]), body])
  const pseudo = Buffer.concat([ip(src), ip(dst), Buffer.from([0, 0, 0, message.length, 0, 0, 0, 58])])
  message.writeUInt16BE(checksum(Buffer.concat([pseudo, message])), 2)
  return ipv6({ src, dst, protocol: 58, ttl: 255 }, message)
}

/** The body of a solicitation or advertisement: `option` 1 is the source's MAC, 2 the target's (RFC 4861 §4.6.1). */
export function neighbour(flags: number, target: string, option: 1 | 2, at: string): Buffer {
  return Buffer.concat([Buffer.from([flags, 0, 0, 0]), ip(target), Buffer.from([option, 1]), mac(at)])
}

function number16(value: number): Buffer {
  return Buffer.from([(value >>> 8) & 0xff, value & 0xff])
}

/** The Internet checksum (RFC 1071) of an even number of bytes. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** An Ethernet frame carries 46 bytes at least. */
function pad(payload: Buffer): Buffer {
  return payload.length < 46 ? Buffer.concat([payload, Buffer.alloc(46 - payload.length)]) : payload
}
