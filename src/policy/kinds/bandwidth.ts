import { z } from 'zod'
import { name } from '../text/fields.js'
import { reading, Unreadable } from '../text/reading.js'
import { rule } from './rule.js'
import { selector } from './selector.js'

/** Kilobits of each unit. */
const units: Readonly<Record<string, number>> = { '': 0.001, k: 1, M: 1000, G: 1_000_000 }

/** The largest rate and burst that a meter takes: 32 bits. */
const most = 0xffff_ffff

/** A count of kilobits (per second), of a number, a unit and `suffix`: `10Mbps`, `1.5Gbps`, `1Mb`. */
function kilobits(suffix: 'b' | 'bps') {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)([kMG]?)${suffix}$`)
  const expected = `expected a number and k, M or G, such as 10M${suffix}`
  return reading({ type: 'string', pattern: pattern.source }, (value) => {
    const [, digits, unit = ''] = (typeof value === 'string' && pattern.exec(value)) || []
    if (digits === undefined) return new Unreadable('bad-rate', `is not in bits: ${expected}`)
    const count = Math.round(Number(digits) * (units[unit] ?? 1))
    if (count >= 1 && count <= most) return count
    return new Unreadable('bad-rate', `is not between 1k${suffix} and 4294Gb${suffix.slice(1)}`)
  })
}

export const bandwidth = z
  .strictObject({
    kind: z.literal('Bandwidth').describe('Rate limits and DSCP marks.'),
    tenant: name.describe('Tenant whose workloads are limited.'),
    name: name.describe('Name of the limit.'),
    select: selector.default({}).describe('Labels of the workloads that it is about; default: every one.'),
    direction: z.enum(['out', 'in']).describe('Seen from the workload: what it sends, or what it gets.'),
    scope: z
      .enum(['workload', 'tenant'])
      .default('workload')
      .describe(
        'Each workload has its own limit, at its host; or they share one, at the gateway, for what leaves or enters the cluster.',
      ),
    rate: kilobits('bps')
      .optional()
      .describe('Bits per second of IP packets with their Ethernet header: 10Mbps.'),
    burst: kilobits('b')
      .optional()
      .describe('Bits that may come at once: 1Mb; default: 60 % of a second of the rate, at most 10 Mb.'),
    dscp: z.int().min(0).max(63).optional().describe('Differentiated services code point that packets get.'),
  })
  .describe('How much workloads may send or get, and how that is marked.')
  .superRefine(
    rule(function* ({ rate, burst, dscp }) {
      if (rate === undefined && dscp === undefined)
        yield { code: 'missing-field', path: [], message: 'rate or dscp is missing: there is nothing to do' }
      if (rate === undefined && burst !== undefined)
        yield { code: 'missing-field', path: ['burst'], message: 'burst has no rate beside it' }
    }),
  )
