import { table } from '../src/pipeline/table.js'
import { tenantGroup } from './policy/group.js'
import { sides } from './policy/side.js'

/** Which of the tenant's own address groups the destination is in. */
export default table(import.meta.url, ...tenantGroup(sides.egress))
