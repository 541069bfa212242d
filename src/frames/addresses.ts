import { IPv4, IPv6 } from 'ip-num'

export function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex')
}

export function macText(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + 6).replaceAll(/(..)(?=.)/g, '$1:')
}

/** An address of either family in network order. */
export function addressBytes(address: string): Buffer {
  return address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number))
}

export function ipv4Text(bytes: Buffer, at: number): string {
  return IPv4.fromNumber(bytes.readUInt32BE(at)).toString()
}

/** In the canonical form that rows have (RFC 5952), by way of the URL parser, which writes it. */
export function ipv6Text(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

function ipv6Bytes(address: string): Buffer {
  return Buffer.from(IPv6.fromString(address).getValue().toString(16).padStart(32, '0'), 'hex')
}
