import { table } from '../src/pipeline/table.js'
import { baseline } from './policy/rules.js'
import { sides } from './policy/side.js'

/** At the destination, rules of the baseline tier: the first that matches decides what no other tier does; the rest is allowed. */
export default table(import.meta.url, ...baseline(sides.ingress))
