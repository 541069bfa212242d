import type { PolicyObject } from '../object.js'
import { present } from '../present.js'
import { type Built, Exhausted, type Surroundings } from './built.js'

/** What may come at once by default: so much of a second of the rate, which TCP needs to reach it, and at most so many kilobits. */
const defaultBurst = { share: 0.6, most: 10_000 } as const

/** The row of a limit. */
export function bandwidthRow({ id: owner, fields }: PolicyObject<'Bandwidth'>, around: Surroundings): Built {
  const { tenant, name, select, direction, scope, rate, burst, dscp } = fields
  const id = `${tenant}/${name}`
  const number = around.allocations.number('meter', owner)
  if (number === undefined) return new Exhausted(['name'], 'no meter is left for another limit')
  const { share, most } = defaultBurst
  const limit =
    rate === undefined
      ? undefined
      : { rate, burst: burst ?? Math.max(1, Math.round(Math.min(rate * share, most))) }
  return {
    table: 'bandwidth',
    id,
    row: { id, tenant, number, select, direction, scope, ...present({ limit, dscp }) },
  }
}
