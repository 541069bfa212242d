import { inPart, reflect } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { part } from './registers.js'
import { scope } from './scopes.js'
import { reflectWithTag } from './trunks.js'

/** What has been answered on the spot: back to who asked, by the port and with the VLAN tag that it came with. */
export default table(import.meta.url, { matches: [part.tag.field], sets: ['vlanVid'] }, [
  rule(
    'back to who asked',
    'cluster',
    () => scope.all,
    function* () {
      yield { priority: 100, match: inPart(part.tag, 0), actions: [reflect] }
      yield { priority: 0, match: {}, actions: reflectWithTag }
    },
  ),
])
