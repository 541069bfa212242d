import test from 'ava'
import { exportsOf } from '../../scripts/docs/api.js'
import * as openflow from '../../src/openflow/index.js'
import * as ovsdb from '../../src/ovsdb/index.js'

for (const [library, values] of Object.entries({ openflow, ovsdb })) {
  test(`the reference of ${library} has every export, each with a docstring`, (t) => {
    const all = exportsOf(library)
    t.deepEqual(
      all.filter(({ kind }) => kind !== 'type').map(({ name }) => name),
      Object.keys(values).sort(),
    )
    t.true(all.filter(({ kind }) => kind === 'type').length > 30)
    t.deepEqual(
      all.filter(({ doc }) => doc === undefined).map(({ name }) => name),
      [],
    )
  })
}

test('an entry has what the declaration says, without what is private', (t) => {
  const entry = (name: string) => exportsOf('ovsdb').find((one) => one.name === name)
  t.deepEqual(entry('uuid'), {
    name: 'uuid',
    kind: 'function',
    doc: 'Takes a text for a uuid.\n\n- *throws* ValueError when it is none',
    signature: 'function uuid(text: string): Uuid;',
  })
  t.regex(entry('Mutation')?.doc ?? '', /^One \\<mutation>: .*`insert` and `delete`/)
  t.regex(entry('Replica')?.signature ?? '', /^class Replica<T extends Tables> implements [^#]*\n}$/)
  t.is(entry('json'), undefined)
})
