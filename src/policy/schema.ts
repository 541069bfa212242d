import { z } from 'zod'
import { kindNames, kinds } from './kinds/index.js'

/** JSON Schema (2020-12) of one document of a policy file, for editors. */
export function jsonSchema(): object {
  const oneOf = kindNames.map((kind) => {
    const { $schema: _, ...schema } = z.toJSONSchema(kinds[kind], { io: 'input' })
    return { title: kind, ...schema }
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Sluice policy document',
    oneOf,
  }
}
