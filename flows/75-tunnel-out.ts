import { move, output } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** Into the tunnel, with the network as its key. The only table that knows the tunnel port's number. */
export default table(import.meta.url, { matches: [], sets: ['tunnelId'] }, [
  rule(
    'tunnel port',
    'bridge',
    ({ id }) => scope.host(id),
    function* ({ tunnelPort }) {
      if (tunnelPort === undefined) return
      yield { priority: 100, match: {}, actions: [move(reg.network, 'tunnelId', 32), output(tunnelPort)] }
    },
  ),
])
