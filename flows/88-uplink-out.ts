import { output } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** Out of the cluster. The only table that knows the uplink ports' numbers. */
export default table(import.meta.url, { matches: [reg.gateway] }, [
  rule(
    'uplink of a gateway',
    'bridge',
    ({ id }) => scope.host(id),
    function* ({ uplinks }, model) {
      for (const [id, port] of Object.entries(uplinks)) {
        const gateway = model.get('gateway', id)
        if (gateway)
          yield { priority: 100, match: { [reg.gateway]: gateway.number }, actions: [output(port)] }
      }
    },
  ),
])
