import type { LabelCondition, Labels, Selector } from '../model/rows.js'

/** Whether labels meet every condition of a selector. */
export function selects(selector: Selector, labels: Labels): boolean {
  return Object.entries(selector).every(([label, condition]) =>
    meets(Object.hasOwn(labels, label) ? labels[label] : undefined, condition),
  )
}

/** A label that is missing has no value: it meets `absent` and every `notIn`, and nothing else. */
function meets(value: string | undefined, condition: LabelCondition): boolean {
  if (condition === 'exists') return value !== undefined
  if (condition === 'absent') return value === undefined
  if (typeof condition === 'string') return value === condition
  if ('in' in condition) return value !== undefined && condition.in.includes(value)
  return value === undefined || !condition.notIn.includes(value)
}
