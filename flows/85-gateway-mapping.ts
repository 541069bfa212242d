import { table } from '../src/pipeline/table.js'
import { mappings } from './mappings.js'

/** Which address and port outside it has got instead of those. */
export default table(import.meta.url, ...mappings('uplink'))
