/** Texts of lists of actions over the whole grammar. */
import fc from 'fast-check'
import { colon, constant } from './forms.js'
import type { PacketContext } from './match.js'
import { packetActions } from './packet-actions.js'
import { plainActions } from './plain-actions.js'
import { masked, number, type Text } from './values.js'

/** A list of actions and instructions for packets of the context. */
export function actionsText(context: PacketContext): Text {
  const one: Text = fc.oneof(
    fc.oneof(...plainActions),
    fc.oneof(...plainActions, ...packetActions[context], ...packetActions[context]),
  )
  const list = fc.array(one, { minLength: 1, maxLength: 4 })
  const nested = list.map((inside) => `clone(${inside.join(',')})`)
  const apply = fc.array(fc.oneof({ arbitrary: one, weight: 12 }, { arbitrary: nested, weight: 1 }), {
    maxLength: 5,
  })
  const instructions = fc.tuple(
    constant('', '', '', 'clear_actions'),
    fc.oneof(
      { arbitrary: constant(''), weight: 4 },
      {
        arbitrary: constant('write_actions(output:1)', 'write_actions(set_field:5->reg0,group:7)'),
        weight: 1,
      },
    ),
    fc.oneof(
      { arbitrary: constant(''), weight: 4 },
      { arbitrary: colon('write_metadata', masked(64)), weight: 1 },
    ),
    fc.oneof({ arbitrary: constant(''), weight: 2 }, { arbitrary: constant('goto_table:254'), weight: 1 }),
  )
  const conjunctions = fc
    .array(
      fc.tuple(
        number(32),
        fc.integer({ min: 2, max: 64 }).chain((n) => fc.integer({ min: 1, max: n }).map((k) => `${k}/${n}`)),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((clauses) => clauses.map(([id, clause]) => `conjunction(${id},${clause})`).join(','))
  return fc.oneof(
    { arbitrary: conjunctions, weight: 1 },
    {
      arbitrary: fc
        .tuple(apply, instructions)
        .map(
          ([actions, others]) => [...actions, ...others].filter((text) => text !== '').join(',') || 'drop',
        ),
      weight: 15,
    },
  )
}
