import { z } from 'zod'
import { address, addressOrHost, block, bridge, name } from '../text/fields.js'
import { reading, Unreadable } from '../text/reading.js'
import type { Complaint } from './rule.js'
import { rule, withinSubnet } from './rule.js'

/** Milliseconds, of a number and its unit: `300ms`, `1s`. */
const interval = reading({ type: 'string', pattern: '^\\d+(ms|s)$' }, (value) => {
  const [, digits, unit] = (typeof value === 'string' && /^(\d+)(ms|s)$/.exec(value)) || []
  if (digits === undefined) return new Unreadable('bad-value', 'is not an interval such as 300ms or 1s')
  const milliseconds = Number(digits) * (unit === 's' ? 1000 : 1)
  if (milliseconds >= 50 && milliseconds <= 10_000) return milliseconds
  return new Unreadable('bad-value', 'is not between 50ms and 10s')
})

/** Where the ephemeral ports of a host begin that has no service below (RFC 6335, section 6). */
const lowestPort = 1024

/** Two ports with a dash between them: the first and the last of a range. */
const portRange = reading(
  { type: 'string', pattern: '^\\d{1,5}-\\d{1,5}$' },
  (value): readonly [number, number] | Unreadable => {
    const [, first, last] = (typeof value === 'string' && /^(\d{1,5})-(\d{1,5})$/.exec(value)) || []
    const range = [Number(first), Number(last)] as const
    if (range[0] >= lowestPort && range[0] <= range[1] && range[1] <= 65_535) return range
    return new Unreadable('bad-port', `is not a range of ports from ${lowestPort} on such as 61440-65535`)
  },
)

export const gateway = z
  .strictObject({
    kind: z.literal('Gateway').describe('Where the cluster meets the outside.'),
    name: name.describe('Name of the gateway.'),
    hosts: z
      .array(name)
      .min(1)
      .describe('Hosts in order of preference; the first live one carries the traffic.'),
    bridge: bridge.describe(
      "Bridge that the operator prepared on each of the hosts, with the uplink; not the host's `bridge`.",
    ),
    subnet: block(4).optional().describe('IPv4 CIDR block outside.'),
    address: addressOrHost(4)
      .optional()
      .describe(
        "The gateway's own IPv4 address outside, or host: the one that the host which carries it has on the bridge.",
      ),
    ports: portRange
      .optional()
      .describe('With address: host, the ports that connections of workloads take; default: 61440-65535.'),
    nextHop: address(4).optional().describe('IPv4 router outside.'),
    subnet6: block(6).optional().describe('IPv6 CIDR block outside.'),
    address6: address(6).optional().describe("The gateway's own IPv6 address outside."),
    nextHop6: address(6).optional().describe('IPv6 router outside.'),
    pool: z
      .array(address())
      .min(1)
      .optional()
      .describe('Further addresses outside that egresses and forwards may share.'),
    vlan: z.int().min(1).max(4094).optional().describe('VLAN tag on the uplink; default: untagged.'),
    bfd: interval
      .prefault('300ms')
      .describe(
        'Interval at which hosts watch each other; three in a row without a sign of life are the end.',
      ),
    preempt: z
      .boolean()
      .default(false)
      .describe('Whether a host that is back takes over again from one further back in the list.'),
  })
  .describe('Where the cluster meets the outside. Has subnet, address and nextHop of IPv4, IPv6 or both.')
  .superRefine(rule(complaints))

type Fields = Readonly<Record<string, unknown>> & {
  readonly hosts: readonly string[]
  readonly ports?: readonly [number, number] | undefined
  readonly pool?: readonly string[] | undefined
}

function* complaints(fields: Fields): Generator<Complaint> {
  for (const [index, host] of fields.hosts.entries()) {
    if (fields.hosts.indexOf(host) === index) continue
    yield { code: 'bad-value', path: ['hosts', index], message: `host ${host} is in the list twice` }
  }
  yield* hostAddressComplaints(fields)
  const { pool = [] } = fields
  for (const [index, address] of pool.entries()) {
    const path = ['pool', index]
    const uses = [fields.address, fields.address6, fields.nextHop, fields.nextHop6, ...pool.slice(0, index)]
    if (uses.includes(address))
      yield { code: 'duplicate-address', path, message: `pool address ${address} is in use already` }
    yield* withinSubnet({ ...fields, address }, 'address', `subnet${address.includes(':') ? '6' : ''}`, path)
  }
  if (fields.subnet === undefined && fields.subnet6 === undefined) {
    yield { code: 'missing-subnet', path: [], message: 'gateway has neither subnet nor subnet6' }
  }
  for (const family of ['', '6']) {
    for (const field of [`address${family}`, `nextHop${family}`]) {
      if (fields[`subnet${family}`] !== undefined && fields[field] === undefined) {
        const message = `gateway has subnet${family}, but no ${field}`
        yield { code: 'missing-field', path: [], message }
      }
      if (fields[field] !== 'host') yield* withinSubnet(fields, field, `subnet${family}`)
    }
    const next = fields[`nextHop${family}`]
    if (next !== undefined && next === fields[`address${family}`]) {
      const message = `nextHop${family} ${String(next)} is the gateway's own address`
      yield { code: 'duplicate-address', path: [`nextHop${family}`], message }
    }
  }
}

/** What goes with `address: host`, and only with it. */
function* hostAddressComplaints({ address, subnet, vlan, ports }: Fields): Generator<Complaint> {
  if (address !== 'host') {
    if (ports !== undefined) {
      const message = 'ports are chosen only with address: host: all ports of an own address are there'
      yield { code: 'bad-value', path: ['ports'], message }
    }
    return
  }
  if (subnet === undefined)
    yield { code: 'missing-subnet', path: ['address'], message: 'address host has no subnet beside it' }
  if (vlan !== undefined) {
    const message = 'vlan is not for address: host, which is on whatever VLAN the host itself is'
    yield { code: 'bad-value', path: ['vlan'], message }
  }
}
