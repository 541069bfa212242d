import { inPart, reflect } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { copiesOfGot } from './copies.js'
import { part, reg } from './registers.js'
import { scope } from './scopes.js'
import { reflectWithTag } from './trunks.js'

/** What has been answered on the spot: back to who asked, by the port and with the VLAN tag that it came with. */
export default table(
  import.meta.url,
  { matches: [reg.source, part.tag.field], sets: [reg.network, 'vlanVid'], next: ['mirror'] },
  [
    rule(
      'back to who asked',
      'cluster',
      () => scope.all,
      function* () {
        yield { priority: 100, match: inPart(part.tag, 0), actions: [reflect] }
        yield { priority: 0, match: {}, actions: reflectWithTag }
      },
    ),
    rule(
      'workload whose packets are copied',
      'tap',
      ({ host }) => scope.host(host),
      function* (tap, model) {
        const workload = model.get('workload', tap.id)
        const placement = model.get('placement', tap.id)
        if (!workload || !placement || tap.got.length === 0) return
        const back = placement.tag === undefined ? [reflect] : reflectWithTag
        yield {
          priority: 200,
          match: { [reg.source]: workload.key },
          actions: [...copiesOfGot(placement, model), ...back],
        }
      },
    ),
  ],
)
