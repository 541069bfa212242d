import { table } from '../src/pipeline/table.js'
import { sides } from './policy/side.js'
import { verdict } from './policy/verdict.js'

/** At the destination, what the verdict means for the packet and its connection. */
export default table(import.meta.url, ...verdict(sides.ingress))
