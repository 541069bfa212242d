/** The types of fields: what the language accepts, and the canonical value that it becomes. */
import { z } from 'zod'
import type { Family } from '../address.js'
import { formatAddress, formatBlock, isStation, isUnicast, parseAddress, parseBlock } from '../address.js'
import type { PolicyErrorCode } from '../codes.js'
import { reading, Unreadable } from './reading.js'

/** The letters that a name may have. */
export const namePattern = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/
const referencePattern = /^([a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?\/)?[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/
const domainLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
/** A network interface of Linux: 15 bytes, neither space nor slash. */
const interfacePattern = /^[A-Za-z0-9_.-]{1,15}$/

/** Text that `read` understands; what it does not is an error with `code` that says `<field> <value> <complaint>`. */
function text(code: PolicyErrorCode, complaint: string, read: (value: string) => string | undefined) {
  return z.string().transform((value, context) => {
    const canonical = read(value)
    if (canonical !== undefined) return canonical
    context.issues.push({ code: 'custom', input: value, message: complaint, params: { code } })
    return z.NEVER
  })
}

function matching(code: PolicyErrorCode, complaint: string, pattern: RegExp) {
  return text(code, complaint, (value) => (pattern.test(value) ? value : undefined)).meta({
    pattern: pattern.source,
  })
}

const nameRule = 'lower-case letters, digits, "-" and ".", at most 63, with a letter or digit at both ends'

/** The name of an object. */
export const name = matching('bad-name', `is not a name: ${nameRule}`, namePattern)

/** The name of an object, with its tenant and a slash before it where that is another one. */
export const reference = matching('bad-name', `is not a name or tenant/name: ${nameRule}`, referencePattern)

/** A domain name (RFC 1035 §2.3.1, RFC 1123 §2.1), without a dot at its end. Becomes lower case. */
export const domain = text('bad-name', 'is not a domain name such as lan.example.org', (value) => {
  const name = value.toLowerCase().replace(/\.$/, '')
  const labels = name.split('.')
  return name.length <= 253 && labels.every((label) => domainLabel.test(label)) ? name : undefined
})

/** The name of a bridge, which is also a network interface. */
export const bridge = matching(
  'bad-interface',
  'is not the name of a bridge: at most 15 letters, digits, "-", "_" and "."',
  interfacePattern,
).refine((value) => value !== '.' && value !== '..', { params: { code: 'bad-interface' } })

const families = { 4: 'IPv4', 6: 'IPv6' } as const
const kindOf = (family?: Family) => (family === undefined ? 'IP' : families[family])

/** An address that a station can have, of one family or of either. */
export function address(family?: Family) {
  const complaint = `is not an ${kindOf(family)} address of a station`
  return text('bad-address', complaint, (value) => stationAddress(value, family))
}

/** An address that a station can have, or the word for the one that the host of a gateway has. */
export function addressOrHost(family?: Family) {
  const complaint = `is neither an ${kindOf(family)} address of a station nor the word host`
  return text('bad-address', complaint, (value) => (value === 'host' ? value : stationAddress(value, family)))
}

function stationAddress(text: string, family?: Family): string | undefined {
  const found = parseAddress(text)
  if (found === undefined || (family ?? found.family) !== found.family) return undefined
  return isUnicast(found) ? formatAddress(found) : undefined
}

/** An address that a station can have, of one family or of either, with the length of its prefix: `192.0.2.1/24`. */
export function interfaceAddress(family?: Family) {
  const kind = family === undefined ? 'IP' : families[family]
  return text('bad-address', `is not an ${kind} address of a station with its prefix length`, (value) => {
    const [own = ''] = value.split('/')
    const [found, around] = [parseAddress(own), parseBlock(value)]
    if (found === undefined || around === undefined || (family ?? found.family) !== found.family)
      return undefined
    return isStation(around, found) && isUnicast(found)
      ? `${formatAddress(found)}/${around.prefix}`
      : undefined
  })
}

/** A CIDR block without host bits, of one family. */
export function block(family: Family) {
  const complaint = family === 4 ? 'is not a CIDR block' : 'is not an IPv6 CIDR block'
  return z.string().transform((value, context) => {
    const found = readBlock(value, complaint, family)
    if (typeof found === 'string') return found
    const { code, message } = found
    context.issues.push({ code: 'custom', input: value, message, params: { code } })
    return z.NEVER
  })
}

/** A CIDR block without host bits, of either family. */
export const anyBlock = reading({ type: 'string' }, (value) => readBlock(value, 'is not a CIDR block'))

/** Canonical text of a CIDR block without host bits. */
export function readBlock(value: unknown, complaint: string, family?: Family): string | Unreadable {
  const found = typeof value === 'string' ? parseBlock(value) : undefined
  if (typeof value !== 'string' || found === undefined || (family ?? found.family) !== found.family) {
    return new Unreadable('bad-cidr', complaint)
  }
  const canonical = formatBlock(found)
  const host = parseAddress(value.slice(0, value.indexOf('/')))
  if (host?.value === found.first) return canonical
  return new Unreadable('bad-cidr', `is not a CIDR block: it has host bits, did you mean ${canonical}?`)
}

/** The MAC address of one station: not a group address, not zero. Becomes lower case. */
export const mac = text('bad-mac', 'is not a unicast MAC address such as 00:16:3e:0c:07:73', (value) => {
  if (!/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$/.test(value)) return undefined
  const lower = value.toLowerCase()
  const group = Number.parseInt(lower.slice(0, 2), 16) % 2 === 1
  return group || lower === '00:00:00:00:00:00' ? undefined : lower
})

/** Where the controller dials. `protocols` are what may stand before the first colon. */
export function endpoint(protocols: readonly ('tcp' | 'ssl' | 'unix')[]) {
  const forms = protocols.map((protocol) => (protocol === 'unix' ? 'unix:PATH' : `${protocol}:IP:PORT`))
  return text('bad-endpoint', `is not an endpoint: expected ${forms.join(', ')}`, (value) => {
    const at = value.indexOf(':')
    const protocol = protocols.find((candidate) => candidate === value.slice(0, at))
    const rest = value.slice(at + 1)
    if (protocol === undefined) return undefined
    if (protocol === 'unix') return rest === '' ? undefined : value
    const parts = /^(?:\[([^\]]+)\]|([^:]+)):([1-9]\d{0,4})$/.exec(rest)
    const host = parseAddress(parts?.[1] ?? parts?.[2] ?? '')
    if (host === undefined || Number(parts?.[3]) > 65_535) return undefined
    if ((host.family === 6) !== (parts?.[1] !== undefined)) return undefined
    return value
  })
}

/** Labels of an object. */
export const labels = z.record(z.string(), z.string()).default({}).describe('Labels: a map of text to text.')

/** Text that may not be empty and has no control characters; `what` says what it is. */
export function plain(what: string) {
  return text('bad-value', `is not ${what}`, (value) =>
    value !== '' && !/\p{Cc}/u.test(value) ? value : undefined,
  )
}
