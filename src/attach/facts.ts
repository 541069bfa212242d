import { isIP, isIPv6 } from 'node:net'
import { AttachError } from './error.js'

/** What a workload's interface is to have. */
export interface Facts {
  /** Left out: the one that the kernel chooses. */
  readonly mac?: string
  /** With prefix length: `192.168.1.2/24`. None: the link is brought up without an address, for DHCP. */
  readonly addresses: readonly string[]
  /** Default routes, at most one per address family. */
  readonly gateways: readonly string[]
  /** Bytes; left out: what the kernel chooses. */
  readonly mtu?: number
}

export const noFacts: Facts = { addresses: [], gateways: [] }

/**
 * Reads the facts that the controller wrote, or that a person gave. Throws AttachError `bad-facts` that names the first
 * wrong value: nothing of it is to reach a command line otherwise.
 */
export function checkFacts(value: unknown): Facts {
  if (typeof value !== 'object' || value === null) throw bad('no object', value)
  const { mac, addresses = [], gateways = [], mtu } = value as { readonly [field: string]: unknown }
  return {
    ...(mac === undefined ? {} : { mac: checkMac(mac) }),
    addresses: list(addresses).map(checkAddress),
    gateways: list(gateways).map(checkGateway),
    ...(mtu === undefined ? {} : { mtu: checkMtu(mtu) }),
  }
}

const bad = (what: string, value: unknown): AttachError =>
  new AttachError('bad-facts', `${typeof value === 'string' ? value : JSON.stringify(value)} is ${what}`)

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw bad('no list', value)
}

export function checkMac(value: unknown): string {
  if (typeof value !== 'string' || !/^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(value))
    throw bad('no MAC address', value)
  if (Number.parseInt(value.slice(0, 2), 16) % 2 === 1) throw bad('no MAC address of a single station', value)
  return value.toLowerCase()
}

export function checkAddress(value: unknown): string {
  if (typeof value !== 'string') throw bad('no address', value)
  const [, ip = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(value) ?? []
  if (isIP(ip) === 0 || ip.includes('%') || Number(length) > (isIPv6(ip) ? 128 : 32))
    throw bad('no address with its prefix length, such as 192.168.1.2/24', value)
  return value
}

export function checkGateway(value: unknown): string {
  if (typeof value !== 'string' || isIP(value) === 0 || value.includes('%')) throw bad('no IP address', value)
  return value
}

export function checkMtu(value: unknown): number {
  const mtu = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof mtu !== 'number' || !Number.isInteger(mtu) || mtu < 68 || mtu > 65_535)
    throw bad('no MTU of 68 to 65535 bytes', value)
  return mtu
}
