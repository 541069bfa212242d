import type { PolicyErrorCode } from '../codes.js'
import { address, mac, readBlock } from '../text/fields.js'
import { reading, Unreadable } from '../text/reading.js'

/** Addresses that a workload may use beside its own, with its own MAC or another. */
export interface Allowed {
  /** Canonical address, or CIDR block where it is more than one. */
  readonly ip: string
  readonly mac?: string
}

const text = { type: 'string' }

/** `ip`, `ip/len`, or `{mac, ip}`. */
export const allowed = reading(
  {
    anyOf: [
      text,
      { type: 'object', properties: { mac: text, ip: text }, required: ['ip'], additionalProperties: false },
    ],
  },
  readAllowed,
)

function readAllowed(value: unknown): Allowed | Unreadable {
  if (typeof value === 'string') return readAddresses(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Unreadable('bad-address', 'is not an address, a CIDR block or {mac, ip}')
  const { ip, mac: text, ...others } = value as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    return new Unreadable('unknown-field', 'is no field of {mac, ip}: an allowed entry has no others', [
      unknown,
    ])
  if (typeof ip !== 'string') return new Unreadable('missing-field', 'has no ip: expected {mac, ip}')
  const addresses = readAddresses(ip, ['ip'])
  if (addresses instanceof Unreadable || text === undefined) return addresses
  const read = mac.safeParse(text)
  return read.success
    ? { ...addresses, mac: read.data }
    : unreadable('bad-mac', 'is not a unicast MAC address', 'mac')
}

function readAddresses(ip: string, path: readonly string[] = []): Allowed | Unreadable {
  if (ip.includes('/')) {
    const block = readBlock(ip, 'is not a CIDR block')
    if (typeof block !== 'string') return new Unreadable(block.code, block.message, path)
    return { ip: block.replace(block.includes(':') ? /\/128$/ : /\/32$/, '') }
  }
  const read = address().safeParse(ip)
  return read.success
    ? { ip: read.data }
    : new Unreadable('bad-address', 'is not an IP address of a station', path)
}

function unreadable(code: PolicyErrorCode, message: string, field: string): Unreadable {
  return new Unreadable(code, message, [field])
}
