import test from 'ava'
import { jsonSchema } from '../../src/policy/index.js'
import { kindNames } from '../../src/policy/kinds/index.js'

test('every kind is described with all its fields, and nothing else is allowed', (t) => {
  const schema = JSON.parse(JSON.stringify(jsonSchema()))
  const kinds: {
    title: string
    properties: Record<string, { description?: string }>
    additionalProperties: boolean
  }[] = schema.oneOf
  t.deepEqual(
    kinds.map(({ title }) => title),
    [...kindNames],
  )
  for (const { title, properties, additionalProperties } of kinds) {
    t.false(additionalProperties, title)
    for (const [field, { description }] of Object.entries(properties))
      t.truthy(description, `${title}.${field}`)
  }
})

test('fields with a default are not required', (t) => {
  const schema = JSON.parse(JSON.stringify(jsonSchema()))
  const host: { required: string[] } = schema.oneOf[1]
  t.deepEqual(host.required, ['kind', 'name', 'ovsdb', 'tunnelIp'])
})
