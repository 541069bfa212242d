/** Texts of flows over the whole grammar of ovs-ofctl. */
import fc from 'fast-check'
import { actionsText } from './actions.js'
import { contexts, matchText } from './match.js'
import { number, type Text } from './values.js'

const property = (name: string, value: Text): Text =>
  fc.option(value, { nil: undefined, freq: 1 }).map((text) => (text === undefined ? '' : `${name}=${text}`))

const options: Text = fc
  .tuple(
    property('cookie', number(64)),
    property('idle_timeout', number(16)),
    property('hard_timeout', number(16)),
    property('importance', number(16)),
    fc
      .subarray(['send_flow_rem', 'check_overlap', 'reset_counts', 'no_packet_counts', 'no_byte_counts'])
      .map((words) => words.join(',')),
  )
  .map((parts) => parts.filter((text) => text !== '').join(','))

/** A flow without table and priority: `…,actions=…`. */
export const flowText: Text = fc
  .constantFrom(...contexts)
  .chain((context) =>
    fc
      .tuple(fc.oneof(fc.constant(''), options), matchText(context), actionsText(context))
      .map(([head, match, actions]) =>
        [head, match, `actions=${actions}`].filter((text) => text !== '').join(','),
      ),
  )
