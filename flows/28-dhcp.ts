import { rule, table } from '../src/pipeline/table.js'
import { toController } from './answers.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'

/** What a workload asks its network's DHCP server: the controller answers, and nobody else hears it. */
export default table(import.meta.url, { matches: [reg.network] }, [
  rule(
    'DHCP requests',
    'network',
    ({ id }) => scope.network(id),
    function* ({ vni, subnet, dhcp }) {
      if (subnet && dhcp)
        yield { priority: 100, match: { [reg.network]: vni }, actions: toController('dhcp', 'dhcp') }
    },
  ),
])
