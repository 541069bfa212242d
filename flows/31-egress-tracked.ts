import { table } from '../src/pipeline/table.js'
import { sides } from './policy/side.js'
import { tracked } from './policy/tracked.js'

/** What a connection's state says of a packet at the source: replies pass or not, what goes the first way is judged. */
export default table(import.meta.url, ...tracked(sides.egress))
