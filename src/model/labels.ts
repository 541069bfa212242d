import { hash } from 'node:crypto'
import type { LabelCondition, Labels, Selector } from './rows.js'

/** Labels that some workload has, with the number that flows know them by. */
export interface LabelSet {
  /** 64 bits as 16 hexadecimal digits; the same labels have the same class in every tenant. */
  readonly class: string
  readonly labels: Labels
}

/** 64 bits of a text's SHA-256 as 16 hexadecimal digits: what flows know a set of strings by. */
export function class64(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16)
}

/** Labels as text, whatever order they are written in. */
function canonical(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The class of a workload with these labels. */
export function classOf(labels: Labels): string {
  return class64(canonical(labels))
}

/** A label set as one text, class first, as {@link parseLabelSet} reads it. */
export function formatLabelSet(labels: Labels): string {
  const text = canonical(labels)
  return `${class64(text)}${text}`
}

export function parseLabelSet(text: string): LabelSet {
  const entries: readonly (readonly [string, string])[] = JSON.parse(text.slice(16))
  return { class: text.slice(0, 16), labels: Object.fromEntries(entries) }
}

/** Whether a selector has no condition. */
export function selectsAll(selector: Selector): boolean {
  return Object.keys(selector).length === 0
}

/** Whether all conditions hold for these labels. */
export function selects(selector: Selector, labels: Labels): boolean {
  return Object.entries(selector).every(([label, condition]) =>
    holds(condition, Object.hasOwn(labels, label) ? labels[label] : undefined),
  )
}

function holds(condition: LabelCondition, value: string | undefined): boolean {
  if (condition === 'exists') return value !== undefined
  if (condition === 'absent') return value === undefined
  if (typeof condition === 'string') return value === condition
  if ('in' in condition) return value !== undefined && condition.in.includes(value)
  return value === undefined || !condition.notIn.includes(value)
}
