import { z } from 'zod'
import type { LabelCondition } from '../../model/rows.js'
import { reading, Unreadable } from '../text/reading.js'

const forms = 'a value, exists, absent, {in: [...]} or {notIn: [...]}'

const list = { type: 'array', items: { type: 'string' }, minItems: 1 }

const condition = reading(
  {
    anyOf: [
      { type: 'string' },
      { type: 'object', properties: { in: list }, required: ['in'], additionalProperties: false },
      { type: 'object', properties: { notIn: list }, required: ['notIn'], additionalProperties: false },
    ],
  },
  readCondition,
)

/** Conditions by label, all of which must hold. */
export const selector = z.record(z.string(), condition)

function readCondition(value: unknown): LabelCondition | Unreadable {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return wrong(`is not a condition: expected ${forms}, did you mean {in: [...]}?`)
  if (typeof value !== 'object') return wrong('is not a condition: expected text; put it in quotes')
  const [entry, more] = Object.entries(value ?? {})
  const [key, values] = entry ?? []
  if (more !== undefined || (key !== 'in' && key !== 'notIn'))
    return wrong(`is not a condition: expected ${forms}`)
  if (!Array.isArray(values) || values.length === 0)
    return wrong('is not a list of values, at least one', [key])
  const texts = values.filter((text) => typeof text === 'string')
  const odd = values.findIndex((text) => typeof text !== 'string')
  if (odd >= 0) return wrong('is not a value: expected text; put it in quotes', [key, odd])
  return key === 'in' ? { in: texts } : { notIn: texts }
}

function wrong(message: string, path: readonly PropertyKey[] = []): Unreadable {
  return new Unreadable('bad-selector', message, path)
}
