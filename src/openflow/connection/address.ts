/** Addresses of switches as Open vSwitch writes them (ovs-vswitchd.conf.db(5), Controller.target). */
import { AddressError } from './errors.js'

export type Address = { readonly path: string } | { readonly host: string; readonly port: number }

/** OpenFlow's port (OpenFlow 1.5.1, §6.3.6). */
const defaultPort = 6653

/**
 * `tcp:HOST:PORT`, `tcp:[IPv6]:PORT`, `unix:PATH`; without a port it is 6653.
 * @throws AddressError
 */
export function parseAddress(text: string): Address {
  const unix = /^unix:(.+)$/.exec(text)
  if (unix?.[1] !== undefined) return { path: unix[1] }
  const tcp = /^tcp:(?:\[([^\]]+)\]|([^:\]]+))(?::(\d+))?$/.exec(text)
  const host = tcp?.[1] ?? tcp?.[2]
  const port = tcp?.[3] === undefined ? defaultPort : Number(tcp[3])
  if (host === undefined || port > 0xffff)
    throw new AddressError(`'${text}' is neither tcp:HOST:PORT nor unix:PATH`)
  return { host, port }
}

/** The text that `parseAddress` reads. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`
  const { host, port } = address
  return host.includes(':') ? `tcp:[${host}]:${port}` : `tcp:${host}:${port}`
}
