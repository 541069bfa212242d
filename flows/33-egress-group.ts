import { table } from '../src/pipeline/table.js'
import { group } from './policy/group.js'
import { sides } from './policy/side.js'

/** Which of the cluster's address groups the destination is in. */
export default table(import.meta.url, ...group(sides.egress))
