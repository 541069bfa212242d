import { table } from '../src/pipeline/table.js'
import { peer } from './policy/peer.js'
import { sides } from './policy/side.js'

/** Whose workload the source is, and with which labels. */
export default table(import.meta.url, ...peer(sides.ingress))
