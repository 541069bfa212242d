import { z } from 'zod'
import type { Path } from './yaml.js'

/** Names of the fields of the map that a path leads to; none where the schema has no map with fields there. */
export function fieldsAt(schema: unknown, path: Path): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return fieldsAt(schema.unwrap(), path)
  if (schema instanceof z.ZodPipe) return fieldsAt(schema.in, path)
  if (schema instanceof z.ZodUnion)
    return schema.options.map((option) => fieldsAt(option, path)).find(({ length }) => length > 0) ?? []
  const [part, ...rest] = path
  if (part === undefined) return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  if (schema instanceof z.ZodArray) return fieldsAt(schema.element, rest)
  if (schema instanceof z.ZodRecord) return fieldsAt(schema.valueType, rest)
  return schema instanceof z.ZodObject ? fieldsAt(schema.shape[String(part)], rest) : []
}
