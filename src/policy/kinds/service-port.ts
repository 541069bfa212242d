import type { ServicePort } from '../../model/rows.js'
import { reading, Unreadable } from '../text/reading.js'

const protocols = ['tcp', 'udp', 'sctp'] as const
const pattern = /^(tcp|udp|sctp)(?:\/([1-9]\d{0,4})(?:-([1-9]\d{0,4})|:([1-9]\d{0,4}))?)?$/
const forms =
  'PROTOCOL, PROTOCOL/PORT, PROTOCOL/FIRST-LAST or PROTOCOL/PORT:BACKEND-PORT, such as tcp/80:8080'

/** `tcp`, `tcp/80`, `tcp/8000-8100`, and `tcp/80:8080` where backends listen on another port; likewise udp and sctp. */
export const servicePort = reading({ type: 'string', pattern: pattern.source }, readServicePort)

function readServicePort(value: unknown): ServicePort | Unreadable {
  const parts = typeof value === 'string' ? pattern.exec(value) : null
  const protocol = protocols.find((known) => known === parts?.[1])
  if (!parts || !protocol) return new Unreadable('bad-port', `is not a port of a service: expected ${forms}`)
  const [first, last, target] = parts.slice(2).map((digits) => digits && Number(digits))
  if (!first) return { protocol }
  if ([first, last, target].some((number) => Number(number) > 65_535))
    return new Unreadable('bad-port', 'has a port above 65535')
  if (last && last < first) return new Unreadable('bad-port', `ends below its first port ${first}`)
  return { protocol, range: [first, last || first], ...(target ? { target } : {}) }
}

/** A port as files write it. */
export function formatServicePort({ protocol, range, target }: ServicePort): string {
  if (!range) return protocol
  const [first, last] = range
  if (target) return `${protocol}/${first}:${target}`
  return first === last ? `${protocol}/${first}` : `${protocol}/${first}-${last}`
}
