import { table } from '../src/pipeline/table.js'
import { tenantRules } from './policy/rules.js'
import { sides } from './policy/side.js'

/** At the destination, rules of the tenant: what denies comes before what allows, and silence of a selecting policy means no. */
export default table(import.meta.url, ...tenantRules(sides.ingress))
