import test from 'ava'
import { column, type Row, Transaction, type Uuid, ValueError } from '../../src/ovsdb/index.js'

const tables = {
  T: {
    name: column.string,
    n: column.integer,
    tag: column.optional('integer'),
    refs: column.set('uuid'),
    map: column.map('string', 'string'),
    byNumber: column.map('integer', 'uuid'),
  },
} as const

test('a row has the types of its columns', (t) => {
  const read = (row: Row<typeof tables.T>) => {
    const name: string = row.name
    const n: number = row.n
    const tag: number | undefined = row.tag
    const refs: ReadonlySet<Uuid> = row.refs
    const map: ReadonlyMap<string, string> = row.map
    const byNumber: ReadonlyMap<number, Uuid> = row.byNumber
    // @ts-expect-error a column that is not declared
    const absent = row.absent
    return [name, n, tag, refs, map, byNumber, absent]
  }
  t.is(typeof read, 'function')
})

test('what does not fit is refused by the compiler, and at run time', (t) => {
  const refused: ((tx: Transaction<typeof tables>) => void)[] = [
    // @ts-expect-error no such table
    (tx) => tx.insert('Absent', {}),
    // @ts-expect-error no such column
    (tx) => tx.insert('T', { absent: 1 }),
    // @ts-expect-error not a string
    (tx) => tx.insert('T', { name: 1 }),
    // @ts-expect-error only an optional column can be emptied
    (tx) => tx.insert('T', { name: undefined }),
    // @ts-expect-error a set is an array or Set
    (tx) => tx.insert('T', { refs: 'abc' }),
    // @ts-expect-error a text is no uuid
    (tx) => tx.delete('T', 'abc'),
    // @ts-expect-error numbers are no keys of a record
    (tx) => tx.insert('T', { byNumber: { '1': 'abc' } }),
    // @ts-expect-error a number is compared with a number
    (tx) => tx.delete('T', [['n', '<', 'a']]),
    // @ts-expect-error no arithmetic with a number and a text
    (tx) => tx.mutate('T', [], [['n', '+=', '1']]),
  ]
  for (const build of refused) t.throws(() => build(new Transaction(tables)), { instanceOf: ValueError })

  const onlyByCompiler: ((tx: Transaction<typeof tables>) => void)[] = [
    // @ts-expect-error strings have no order
    (tx) => tx.delete('T', [['name', '<', 'a']]),
    // @ts-expect-error a scalar has no members
    (tx) => tx.mutate('T', [], [['n', 'insert', 1]]),
  ]
  for (const build of onlyByCompiler) t.notThrows(() => build(new Transaction(tables)))
})
