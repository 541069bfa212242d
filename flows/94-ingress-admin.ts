import { table } from '../src/pipeline/table.js'
import { admin } from './policy/rules.js'
import { sides } from './policy/side.js'

/** At the destination, rules of the admin tier: the first that matches decides, or passes the packet on. */
export default table(import.meta.url, ...admin(sides.ingress))
