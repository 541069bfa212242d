import type { Match } from '../../src/openflow/flow.js'
import type { RuleAction, RuleFlow } from '../../src/pipeline/table.js'

/** Alternatives, one of which has to match. */
export type Dimension = readonly Match[]

/**
 * Flows for packets that match one alternative of every dimension: what has one alternative only is part of each
 * flow; several dimensions of several alternatives are multiplied where that takes no more flows than a conjunction.
 * @param id of the conjunction, unique within the table
 */
export function* combine(
  id: number,
  priority: number,
  dimensions: readonly Dimension[],
  actions: readonly RuleAction[],
): Generator<RuleFlow> {
  const open = narrow(dimensions)
  if (!open) return
  const product = open.reduce((count, { length }) => count * length, 1)
  const sum = open.reduce((count, { length }) => count + length, 1)
  if (open.length < 2 || product <= sum) {
    for (const match of multiply(open)) yield { priority, match, actions }
    return
  }
  for (const [index, alternatives] of open.entries())
    for (const match of alternatives)
      yield {
        priority,
        match,
        actions: [{ type: 'conjunction', id, clause: index + 1, clauses: open.length }],
      }
  yield { priority, match: { conjId: id }, actions }
}

/** Puts what has one alternative into all others, until nothing has; undefined where no packet can match. */
function narrow(dimensions: readonly Dimension[]): readonly Dimension[] | undefined {
  let base: Match = {}
  let open = dimensions
  while (open.some(({ length }) => length === 1)) {
    const [common] = multiply([[base], ...open.filter(({ length }) => length === 1)])
    if (!common) return undefined
    base = common
    open = open.filter(({ length }) => length !== 1).map((alternatives) => multiply([[common], alternatives]))
  }
  if (open.some(({ length }) => length === 0)) return undefined
  return open.length === 0 ? [[base]] : open
}

function multiply(dimensions: readonly Dimension[]): Dimension {
  return dimensions.reduce<Dimension>(
    (made, alternatives) =>
      made.flatMap((match) => alternatives.flatMap((alternative) => merge(match, alternative) ?? [])),
    [{}],
  )
}

/** What matches both; undefined where they want different values of one field. */
function merge(one: Match, other: Match): Match | undefined {
  const fields: Readonly<Record<string, unknown>> = one
  for (const [field, value] of Object.entries(other))
    if (fields[field] !== undefined && fields[field] !== value) return undefined
  return { ...one, ...other }
}
