import { goto, move } from '../src/pipeline/actions.js'
import { rule, table } from '../src/pipeline/table.js'
import { neighbourAdvertisement } from './protocols.js'
import { scope } from './scopes.js'

/** The last step of a neighbour advertisement made from a solicitation: its option gets the MAC that it comes from. */
export default table(
  import.meta.url,
  { matches: ['ethType', 'ipProto', 'icmpv6Type'], sets: ['ndTll'], next: ['answer'] },
  [
    rule(
      'target link-layer address',
      'cluster',
      () => scope.all,
      function* () {
        yield {
          priority: 100,
          match: neighbourAdvertisement,
          actions: [move('ethSrc', 'ndTll', 48), goto('answer')],
        }
      },
    ),
  ],
)
