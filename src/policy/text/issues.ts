/** Says in words what zod found wrong with the fields of a document. */
import type { z } from 'zod'
import type { PolicyErrorCode } from '../codes.js'
import { codes } from '../codes.js'
import { didYouMean } from './nearest.js'
import type { Path } from './yaml.js'

export type Issue = z.core.$ZodIssue

/** What is wrong; `key` is set where a key rather than a value is, and is not part of the path. */
export interface Finding {
  readonly code: PolicyErrorCode
  readonly path: Path
  readonly key?: string
  readonly message: string
}

/** What is known of the document's kind. */
interface KindFacts {
  readonly kind: string
  /** Names of the fields of the map at a path, as far as the kind names them. */
  fieldsAt(path: Path): readonly string[]
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
}

/** The findings of one issue; `input` is the whole document. */
export function* findings(issue: Issue, input: unknown, facts: KindFacts): Generator<Finding> {
  const { path } = issue
  const value = valueAt(input, path)
  const subject = subjectOf(path)
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) yield { ...unknownField(key, path, facts), path, key }
      return
    case 'invalid_type':
      yield wrongType(issue.expected, value, path)
      return
    case 'invalid_union':
      yield* branch(issue, input, facts)
      return
    case 'invalid_value': {
      const values = issue.values.map(String)
      const hint = typeof value === 'string' ? didYouMean(value, values) : ''
      const message =
        value === undefined
          ? `${subject} is missing: expected ${oneOf(values)}`
          : `${subject} ${show(value)} is not known: expected ${oneOf(values)}${hint}`
      yield { code: value === undefined ? 'missing-field' : 'bad-value', path, message }
      return
    }
    case 'too_small':
      if (Array.isArray(value)) {
        yield {
          code: 'out-of-range',
          path,
          message: `${subject} is an empty list: expected at least one entry`,
        }
      } else {
        const message = `${subject} ${show(value)} is too small: expected at least ${issue.minimum}`
        yield { code: 'out-of-range', path, message }
      }
      return
    case 'too_big': {
      const message = Array.isArray(value)
        ? `${subject} has ${value.length} entries: expected at most ${issue.maximum}`
        : `${subject} ${show(value)} is too large: expected at most ${issue.maximum}`
      yield { code: 'out-of-range', path, message }
      return
    }
    case 'invalid_key': {
      const key = String(path.at(-1))
      const { code, message } = custom(issue.issues[0], `key ${key}`)
      yield { code, path: path.slice(0, -1), key, message }
      return
    }
    default:
      yield { ...custom(issue, `${subject} ${show(value)}`), path }
  }
}

function custom(issue: Issue | undefined, subject: string): { code: PolicyErrorCode; message: string } {
  const message = issue?.message ?? 'is not valid'
  if (issue?.code !== 'custom') return { code: 'bad-value', message: `${subject}: ${message}` }
  const code = issue.params?.code
  const whole = issue.params?.whole === true
  return { code: isCode(code) ? code : 'bad-value', message: whole ? message : `${subject} ${message}` }
}

function isCode(code: unknown): code is PolicyErrorCode {
  return typeof code === 'string' && Object.hasOwn(codes, code)
}

function unknownField(key: string, path: Path, { kind, fieldsAt }: KindFacts) {
  const hint = didYouMean(key, fieldsAt(path))
  const owner = path.length === 0 ? kind : subjectOf(path)
  return { code: 'unknown-field', message: `${owner} has no field ${key}${hint}` } as const
}

function wrongType(expected: string, value: unknown, path: Path): Finding {
  const subject = subjectOf(path)
  const words = typeWords[expected] ?? expected
  if (value === undefined || value === null) {
    return { code: 'missing-field', path, message: `${subject} is missing: expected ${words}` }
  }
  const quote = expected === 'string' && typeof value !== 'object' ? '; put it in quotes' : ''
  const message = `${subject} ${show(value)}: expected ${words}, found ${found(value)}${quote}`
  return { code: 'wrong-type', path, message }
}

/** The findings of the alternative that was meant: the one whose type fits. */
function* branch(issue: Extract<Issue, { code: 'invalid_union' }>, input: unknown, facts: KindFacts) {
  const fits = (issues: readonly Issue[]) =>
    !issues.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0)
  const chosen = issue.errors.find(fits) ?? issue.errors[0] ?? []
  for (const inner of chosen) {
    yield* findings({ ...inner, path: [...issue.path, ...inner.path] }, input, facts)
  }
}

/** The name of the field that a path leads to, `labels.role`; an entry of a list goes by the list's name. */
function subjectOf(path: Path): string {
  const names = path.filter((part) => typeof part === 'string')
  return names.length === 0 ? 'document' : names.join('.')
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.entries(value).find(([key]) => key === String(part))?.[1]
  }
  return value
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function found(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'number' ? 'a number' : 'a map'
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`
}
