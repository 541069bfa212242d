import { rule, table } from '../src/pipeline/table.js'
import { part } from './registers.js'
import { scope } from './scopes.js'

/** To the workload's port, once nothing stands against it. */
export default table(import.meta.url, { matches: [] }, [
  rule(
    'port of the destination',
    'cluster',
    () => scope.all,
    function* () {
      yield { priority: 0, match: {}, actions: [{ type: 'outputReg', src: part.port, maxLen: 0xffff }] }
    },
  ),
])
