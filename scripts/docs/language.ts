import { codes } from '../../src/policy/codes.js'
import { jsonSchema } from '../../src/policy/index.js'
import { code, tableOf } from './markdown.js'

/** What is used of a JSON Schema. */
interface Schema {
  readonly title?: string
  readonly description?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
}

/** Every kind with its fields, from the schema that files are checked with. */
export function kindsSection(): string[] {
  const schema: Schema = JSON.parse(JSON.stringify(jsonSchema()))
  return (schema.oneOf ?? []).flatMap(({ title = '', description = '', properties = {}, required = [] }) => [
    `### ${title}`,
    '',
    description,
    '',
    ...tableOf(
      ['field', 'type', 'default', 'meaning'],
      Object.entries(properties)
        .filter(([field]) => field !== 'kind')
        .map(([field, of]) => [
          code(field),
          typeOf(of),
          defaultOf(of, required.includes(field)),
          of.description ?? '',
        ]),
    ),
    '',
  ])
}

/** Every code of an error with its meaning. */
export function codesTable(): string[] {
  return tableOf(
    ['code', 'meaning'],
    Object.entries(codes).map(([name, meaning]) => [code(name), meaning]),
  )
}

function typeOf(schema: Schema): string {
  const { type = '', enum: values, anyOf, items, properties, additionalProperties } = schema
  if (values) return values.map((value) => code(String(value))).join(', ')
  if (anyOf) return anyOf.map(typeOf).join(' or ')
  if (type === 'array') return `list of ${items ? typeOf(items) : 'anything'}`
  if (type === 'object' && properties) return `map with ${Object.keys(properties).map(code).join(', ')}`
  if (type === 'object')
    return `map to ${typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'anything'}`
  if (type === 'integer') return `${schema.minimum} to ${schema.maximum}`
  return type === 'string' ? 'text' : type
}

function defaultOf(schema: Schema, required: boolean): string {
  if (required) return 'required'
  return schema.default === undefined ? '' : code(JSON.stringify(schema.default))
}
