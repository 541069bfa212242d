import { table } from '../src/pipeline/table.js'
import { mappings } from './mappings.js'

/** Which transit address and port a connection has got. */
export default table(import.meta.url, ...mappings('gateway-nat'))
