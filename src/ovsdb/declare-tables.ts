import { SchemaError } from './errors.js'
import type { AtomicType, ColumnType, DatabaseSchema } from './schema.js'

/**
 * A TypeScript text that declares tables as `openSession` takes them, with all their columns, in order of name.
 * Integers are declared `bigint`, since they may have 64 bits; where they do not, `integer` is handier.
 * @param names which tables; default: all
 * @throws SchemaError when the schema lacks one
 */
export function declareTables(
  schema: DatabaseSchema,
  names: readonly string[] = [...schema.tables.keys()].sort(),
): string {
  const missing = names.filter((name) => !schema.tables.has(name))
  if (missing.length > 0) {
    throw new SchemaError(
      schema.name,
      missing.map((name) => `there is no table ${name}`),
    )
  }
  const tables = names.map((name) => {
    const columns = Array.from(schema.tables.get(name) ?? [], ([column, type]) => {
      return `    ${column}: ${declareColumn(type)},\n`
    })
    return `  ${name}: {\n${columns.sort().join('')}  },\n`
  })
  return `export const tables = {\n${tables.join('')}} as const\n`
}

function declareColumn({ key, value, min, max }: ColumnType): string {
  if (value !== undefined) return `column.map('${kindOf(key)}', '${kindOf(value)}')`
  if (max > 1) return `column.set('${kindOf(key)}')`
  return min === 0 ? `column.optional('${kindOf(key)}')` : `column.${kindOf(key)}`
}

function kindOf(type: AtomicType): string {
  return type === 'integer' ? 'bigint' : type
}
