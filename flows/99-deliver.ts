import { type RuleAction, rule, table } from '../src/pipeline/table.js'
import { limitOfWorkload } from './limits.js'
import { part, reg } from './registers.js'
import { scope } from './scopes.js'

const toPort: RuleAction = { type: 'outputReg', src: part.port, maxLen: 0xffff }

/** To the workload's port, once nothing stands against it, as fast as the workload may get packets. */
export default table(import.meta.url, { matches: [reg.destination, 'ethType'], sets: ['ipDscp'] }, [
  limitOfWorkload('in', ({ key }) => ({ [reg.destination]: key }), toPort),
  rule(
    'port of the destination',
    'cluster',
    () => scope.all,
    function* () {
      yield { priority: 0, match: {}, actions: [toPort] }
    },
  ),
])
