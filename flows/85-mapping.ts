import { goto } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { tellMapping } from './answers.js'
import { scope } from './scopes.js'

/** TCP connections that have just got an address and port outside (RFC 5382: a mapping). The controller is told, and nothing waits for it. */
export default table(import.meta.url, { matches: [], next: ['uplink'] }, [
  rule(
    'new connections are told of',
    'cluster',
    () => scope.gateways,
    function* () {
      yield { priority: 0, match: {}, actions: [tellMapping, goto('uplink')] }
    },
  ),
])
