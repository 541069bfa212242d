import type { AtomKind, Column, Tables } from './column.js'
import { SchemaError } from './errors.js'
import type { ColumnType, DatabaseSchema } from './schema.js'

/**
 * Holds what a program declares against the schema of the server. Tables and columns that are not declared do not
 * matter. A declaration may be wider than the schema: a set for an optional, an optional for a scalar.
 * @throws SchemaError that lists every problem
 */
export function checkSchema(tables: Tables, schema: DatabaseSchema): void {
  const problems: string[] = []
  for (const [table, columns] of Object.entries(tables)) {
    const types = schema.tables.get(table)
    if (!types) {
      problems.push(`there is no table ${table}`)
      continue
    }
    for (const [name, column] of Object.entries(columns)) {
      const type = types.get(name)
      if (!type) problems.push(`there is no column ${table}.${name}`)
      else if (!fits(column, type)) {
        problems.push(`${table}.${name} is declared ${formatColumn(column)} but is ${formatType(type)}`)
      }
    }
  }
  if (problems.length > 0) throw new SchemaError(schema.name, problems)
}

function fits(column: Column, type: ColumnType): boolean {
  if (atomicType(column.key) !== type.key) return false
  if (column.shape === 'map') return type.value === atomicType(column.value)
  if (type.value !== undefined) return false
  if (column.shape === 'scalar') return type.min === 1 && type.max === 1
  return column.shape === 'set' || type.max === 1
}

function atomicType(kind: AtomKind): string {
  return kind === 'bigint' ? 'integer' : kind
}

function formatColumn(column: Column): string {
  if (column.shape === 'scalar') return column.key
  return column.shape === 'map' ? `map of ${column.key} to ${column.value}` : `${column.shape} ${column.key}`
}

function formatType({ key, value, min, max }: ColumnType): string {
  if (value !== undefined) return `map of ${key} to ${value}`
  if (max !== 1) return `set ${key}`
  return min === 0 ? `optional ${key}` : key
}
