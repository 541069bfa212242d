import { isIP, isIPv6 } from 'node:net'
import { EndpointError } from './errors.js'

/** A place where an OVSDB server listens. */
export type Endpoint =
  | { readonly transport: 'tcp' | 'ssl'; readonly host: string; readonly port: number }
  | { readonly transport: 'unix'; readonly path: string }

/**
 * Reads `tcp:IP:PORT`, `tcp:[IP6]:PORT`, the same with `ssl:`, or `unix:PATH` (ovsdb(7), "Active Connections").
 * A host name may stand for the address.
 * @throws EndpointError
 */
export function parseEndpoint(text: string): Endpoint {
  const colon = text.indexOf(':')
  const transport = text.slice(0, Math.max(colon, 0))
  const rest = text.slice(colon + 1)
  if (transport === 'unix') {
    if (rest === '') throw new EndpointError(text, 'the path is empty')
    return { transport, path: rest }
  }
  if (transport !== 'tcp' && transport !== 'ssl') {
    throw new EndpointError(text, 'it must begin with tcp:, ssl: or unix:')
  }
  const parts = /^(?:\[(?<ip6>[^\]]*)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/.exec(rest)?.groups
  if (!parts) throw new EndpointError(text, `expected ${transport}:IP:PORT or ${transport}:[IP6]:PORT`)
  const { ip6, host = ip6 ?? '' } = parts
  const port = Number(parts.port)
  if (ip6 === undefined ? !isIpOrName(host) : !isIPv6(host)) {
    throw new EndpointError(text, `"${host}" is no ${ip6 === undefined ? 'address' : 'IPv6 address'}`)
  }
  if (port < 1 || port > 65535) throw new EndpointError(text, `port ${port} is not in 1..65535`)
  return { transport, host, port }
}

/**
 * Reads one endpoint or several: a list, or a text with commas between them, as Open vSwitch's programs take the
 * remotes of a cluster (ovsdb(7), "Connection Methods").
 * @throws EndpointError, also when there is none
 */
export function parseEndpoints(
  endpoints: string | Endpoint | readonly (string | Endpoint)[],
): readonly [Endpoint, ...Endpoint[]] {
  const list = [endpoints].flat().flatMap((endpoint) => {
    return typeof endpoint === 'string' ? endpoint.split(',').map(parseEndpoint) : [endpoint]
  })
  const [first, ...others] = list
  if (!first) throw new EndpointError('', 'there is none')
  return [first, ...others]
}

/** The text that `parseEndpoint` reads. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.transport === 'unix') return `unix:${endpoint.path}`
  const host = isIPv6(endpoint.host) ? `[${endpoint.host}]` : endpoint.host
  return `${endpoint.transport}:${host}:${endpoint.port}`
}

function isIpOrName(host: string): boolean {
  if (/^[\d.]*$/.test(host)) return isIP(host) === 4
  return host.split('.').every((label) => /^[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?$/i.test(label))
}
