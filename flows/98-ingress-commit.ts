import { table } from '../src/pipeline/table.js'
import { commit } from './policy/commit.js'
import { sides } from './policy/side.js'

/** At the destination, writes into the connection's label who admitted it, or that nobody does any more. */
export default table(import.meta.url, ...commit(sides.ingress))
