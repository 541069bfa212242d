/** The text of a policy file to its objects, and everything that is wrong with the text by itself. */
import { PolicyError } from '../errors.js'
import type { Fields, KindName } from '../kinds/index.js'
import { isKind, kindNames, kinds } from '../kinds/index.js'
import type { AnyObject, Source, Spot } from '../object.js'
import { objectId } from '../object.js'
import { fieldsAt } from './fields-at.js'
import { findings } from './issues.js'
import { didYouMean } from './nearest.js'
import { type Path, type PlacedDocument, placedDocuments } from './yaml.js'

/** One version of a file, read: its objects count only where there is no error. */
export interface Parsed {
  readonly source: Source
  readonly objects: readonly AnyObject[]
  readonly errors: readonly PolicyError[]
  /** Ids that documents with errors claim to be, as far as one can tell. */
  readonly broken: readonly string[]
  /** Those documents without the fields that are wrong, where enough is left of them to see what they refer to. */
  readonly partial: readonly AnyObject[]
}

/** Reads a file; pauses between documents, since a file can hold thousands. */
export function* parse(source: Source): Generator<void, Parsed> {
  const objects: AnyObject[] = []
  const errors: PolicyError[] = []
  const broken: string[] = []
  const partial: AnyObject[] = []
  let index = 0
  for (const placed of placedDocuments(source)) {
    const found = syntaxErrors(placed)
    const whole = found.every(({ code }) => code === 'duplicate-key')
    const read = whole ? readDocument(placed, source, index) : undefined
    if (read !== undefined && 'errors' in read) {
      found.push(...read.errors)
      partial.push(...read.partial)
    }
    if (found.length > 0) broken.push(...claimedId(placed))
    else if (read !== undefined && !('errors' in read)) objects.push(read)
    errors.push(...found)
    index++
    yield
  }
  return { source, objects, errors, broken, partial }
}

/** A version of a file that could not be read. */
export function unreadable(file: string, cause: Error): Parsed {
  const place = { file, line: 1, column: 1 }
  const error = new PolicyError('unreadable', place, `file cannot be read: ${cause.message}`, { cause })
  return { source: { file, text: '' }, objects: [], errors: [error], broken: [], partial: [] }
}

/** What is wrong with a document before its fields are looked at. */
function syntaxErrors({ document, at, from }: PlacedDocument): PolicyError[] {
  return [...document.errors, ...document.warnings].map((cause) => {
    const place = at(cause.pos[0])
    if (cause.code !== 'DUPLICATE_KEY')
      return new PolicyError('syntax', place, sentence(cause.message), { cause })
    const [key] = /^[^:\n]*/.exec(from(cause.pos[0])) ?? ['']
    return new PolicyError('duplicate-key', place, `key ${key.trim()} is in the map twice`, { cause })
  })
}

/** What is wrong with a document, and what is left of it without that. */
type Faulty = Pick<Parsed, 'errors' | 'partial'>

const faulty = (...errors: readonly PolicyError[]): Faulty => ({ errors, partial: [] })

/** The object of a document, what is wrong with it, or undefined where the document is empty. */
function readDocument(
  placed: PlacedDocument,
  source: Source,
  document: number,
): AnyObject | Faulty | undefined {
  let input: unknown
  try {
    input = placed.document.toJS()
  } catch (cause) {
    const message = cause instanceof Error ? sentence(cause.message) : 'aliases cannot be followed'
    return faulty(new PolicyError('syntax', placed.value([]), message, { cause }))
  }
  if (input === null) return undefined
  if (typeof input !== 'object' || Array.isArray(input)) {
    const message = 'document is not a map: expected kind, name and the fields of the kind'
    return faulty(new PolicyError('not-a-map', placed.value([]), message))
  }
  const kind = kindOf(input, placed)
  if (kind instanceof PolicyError) return faulty(kind)
  const made = (fields: Fields[KindName]) => objectOf(fields, placed, source, document)
  const read = kinds[kind].safeParse(input)
  if (read.success) return made(read.data)
  const facts = { kind, fieldsAt: (path: Path) => fieldsAt(kinds[kind], path) }
  const errors = read.error.issues.flatMap((issue) =>
    [...findings(issue, input, facts)].map(({ code, path, key, message }) => {
      const place = key === undefined ? placed.value(path) : placed.key(path, key)
      return new PolicyError(code, place, message)
    }),
  )
  const wrong = new Set(
    read.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : String(issue.path[0]),
    ),
  )
  const rest = Object.fromEntries(Object.entries(input).filter(([field]) => !wrong.has(field)))
  const left = kinds[kind].safeParse(rest)
  return { errors, partial: left.success ? [made(left.data)] : [] }
}

function objectOf(
  fields: Fields[KindName],
  placed: PlacedDocument,
  source: Source,
  document: number,
): AnyObject {
  const { line, column } = placed.value([])
  const { kind, tenant, name } = { tenant: undefined, ...fields }
  const names = tenant === undefined ? [name] : [tenant, name]
  const id = objectId(kind, ...names)
  const owner = tenant === undefined ? {} : { tenant }
  const parts = partsOf(placed, fields)
  return { kind, id, ...owner, name, fields, source, document, line, column, parts } as AnyObject
}

/** The places of a policy's rules. */
function partsOf({ value }: PlacedDocument, fields: Fields[KindName]): ReadonlyMap<string, Spot> {
  const parts = new Map<string, Spot>()
  if (fields.kind !== 'Policy') return parts
  for (const direction of ['ingress', 'egress'] as const) {
    for (const index of (fields[direction] ?? []).keys()) {
      const { line, column } = value([direction, index])
      parts.set(`${direction}/${index}`, { line, column })
    }
  }
  return parts
}

function kindOf(input: object, placed: PlacedDocument): KindName | PolicyError {
  const kind: unknown = 'kind' in input ? input.kind : undefined
  if (kind === undefined || kind === null) {
    const message = `kind is missing: expected one of ${kindNames.join(', ')}`
    return new PolicyError('missing-field', placed.value([]), message)
  }
  if (typeof kind === 'string' && isKind(kind)) return kind
  const place = placed.value(['kind'])
  const word = typeof kind === 'string' ? kind : JSON.stringify(kind)
  const hint = didYouMean(word, kindNames)
  return new PolicyError('unknown-kind', place, `kind ${word} is not known${hint}`)
}

/** The id that a document would have without its errors. */
function claimedId({ document }: PlacedDocument): string[] {
  const [kind, tenant, name] = ['kind', 'tenant', 'name'].map((field) => document.get(field))
  if (typeof kind !== 'string' || typeof name !== 'string' || !isKind(kind)) return []
  return [typeof tenant === 'string' ? objectId(kind, tenant, name) : objectId(kind, name)]
}

/** The first line of a library's message, as the middle of a sentence. */
function sentence(message: string): string {
  const line = message.split('\n')[0] ?? message
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}`.replace(/[.:]$/, '')
}
