import { z } from 'zod'
import { parseAddress, parseBlock, parseRange, stationRange } from '../address.js'
import { gatewayOf, type NetworkAddresses } from '../defaults.js'
import { address, domain } from '../text/fields.js'
import { reading, Unreadable } from '../text/reading.js'
import { ranges } from './range.js'
import type { Complaint } from './rule.js'

/** Seconds of each unit of a lease. */
const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const leasePattern = /^(\d{1,9})([smhdw]?)$/
const leastLease = 10
const mostLease = 10 * 365 * 86_400
/** A day. Clients renew after half of it, so that nobody notices when there is no controller for half a day. */
const defaultLease = 86_400

const lease = reading(
  {
    anyOf: [
      { type: 'integer', minimum: leastLease, maximum: mostLease },
      { type: 'string', pattern: leasePattern.source },
    ],
  },
  readLease,
)

const settings = z.strictObject({
  range: ranges
    .optional()
    .describe('Addresses that workloads without ip get: FIRST-LAST or [FIRST, LAST]; default: the subnet.'),
  dns: z
    .union([address(), z.array(address())])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .optional()
    .describe(
      "Server for names or a list of them, IPv4 and IPv6; default: the network's router, which knows the workloads'.",
    ),
  domain: domain.optional().describe('Domain of the stations; default: NETWORK.TENANT.internal.'),
  lease: lease
    .prefault(defaultLease)
    .describe('How long an address is good for: seconds, or 90s, 30m, 12h, 7d; default: 1d.'),
})

export type Dhcp = z.output<typeof settings>

/** Whether and what a network tells its stations; undefined: nothing. */
export const dhcp = z
  .union([z.boolean(), settings])
  .transform((value): Dhcp | undefined =>
    typeof value === 'boolean' ? (value ? { lease: defaultLease } : undefined) : value,
  )

/** Complains of ranges that are not of the network's subnets, or that its router's address is in. */
export function* rangeComplaints(
  fields: NetworkAddresses & { readonly dhcp?: Dhcp | undefined },
): Generator<Complaint> {
  const path = ['dhcp', 'range']
  for (const text of fields.dhcp?.range ?? []) {
    const range = parseRange(text)
    if (range === undefined) continue
    const version = range.family === 6 ? '6' : ''
    const subnet = fields[`subnet${version}`]
    const block = parseBlock(subnet ?? '')
    if (block === undefined) {
      yield { code: 'missing-subnet', path, message: `dhcp.range ${text} has no subnet${version} beside it` }
      continue
    }
    const stations = stationRange(block)
    if (range.first < stations.first || range.last > stations.last) {
      const message = `dhcp.range ${text} has addresses that no station of subnet${version} ${subnet} can have`
      yield { code: 'address-outside-subnet', path, message }
      continue
    }
    const gateway = gatewayOf(fields, version)
    const { value } = parseAddress(gateway ?? '') ?? {}
    if (value !== undefined && range.first <= value && value <= range.last)
      yield {
        code: 'duplicate-address',
        path,
        message: `dhcp.range ${text} has the gateway ${gateway} in it`,
      }
  }
}

function readLease(value: unknown): number | Unreadable {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  const [, digits, unit = ''] = leasePattern.exec(text) ?? []
  if (digits === undefined)
    return new Unreadable('bad-value', 'is not a time: expected seconds, or a number with s, m, h, d or w')
  const seconds = Number(digits) * (units[unit] ?? 1)
  if (seconds >= leastLease && seconds <= mostLease) return seconds
  return new Unreadable('out-of-range', 'is not between 10 seconds and 10 years')
}
