import test from 'ava'
import {
  CommitError,
  column,
  OperationError,
  outcomeOf,
  ProtocolError,
  Transaction,
  uuid,
} from '../../src/ovsdb/index.js'
import { readResults } from '../../src/ovsdb/operation.js'

const id = uuid('550e8400-e29b-41d4-a716-446655440000')
const tables = {
  T: {
    name: column.string,
    n: column.integer,
    refs: column.set('uuid'),
    map: column.map('string', 'string'),
  },
} as const

test('each operation has its form of RFC 7047', (t) => {
  const tx = new Transaction(tables)
  const row = tx.insert('T', { name: 'a', refs: [id] })
  tx.select('T', [['n', '>=', 3]])
  tx.update('T', row, { n: 5 })
  tx.mutate('T', id, [
    ['n', '+=', 1],
    ['refs', 'insert', row],
    ['refs', 'delete', [id]],
    ['map', 'insert', { k: 'v' }],
    ['map', 'delete', 'k'],
    ['map', 'delete', ['k', 'l']],
    ['map', 'delete', new Map([['k', 'v']])],
  ])
  tx.delete('T', [['_uuid', '!=', id]])
  tx.wait('T', { where: id, columns: ['n'], until: '==', rows: [{ n: 1 }], timeoutMs: 0 })
  tx.wait('T', { where: [], columns: ['n'], until: '!=', rows: [] })
  tx.commit({ durable: true })
  tx.abort()
  tx.comment('why')
  tx.assert('lock')
  const where = [['_uuid', '==', ['uuid', id]]]
  t.deepEqual(tx.operations, [
    { op: 'insert', table: 'T', row: { name: 'a', refs: ['set', [['uuid', id]]] }, 'uuid-name': 'row0' },
    { op: 'select', table: 'T', where: [['n', '>=', 3]], columns: ['_uuid', 'name', 'n', 'refs', 'map'] },
    { op: 'update', table: 'T', where: [['_uuid', '==', ['named-uuid', 'row0']]], row: { n: 5 } },
    {
      op: 'mutate',
      table: 'T',
      where,
      mutations: [
        ['n', '+=', 1],
        ['refs', 'insert', ['set', [['named-uuid', 'row0']]]],
        ['refs', 'delete', ['set', [['uuid', id]]]],
        ['map', 'insert', ['map', [['k', 'v']]]],
        ['map', 'delete', ['set', ['k']]],
        ['map', 'delete', ['set', ['k', 'l']]],
        ['map', 'delete', ['map', [['k', 'v']]]],
      ],
    },
    { op: 'delete', table: 'T', where: [['_uuid', '!=', ['uuid', id]]] },
    { op: 'wait', table: 'T', where, columns: ['n'], until: '==', rows: [{ n: 1 }], timeout: 0 },
    { op: 'wait', table: 'T', where: [], columns: ['n'], until: '!=', rows: [] },
    { op: 'commit', durable: true },
    { op: 'abort' },
    { op: 'comment', comment: 'why' },
    { op: 'assert', lock: 'lock' },
  ])
})

test('handles turn into results, in the structure that they were returned in', (t) => {
  const tx = new Transaction(tables)
  const handles = {
    made: [tx.insert('T', {})],
    found: tx.select('T', []),
    count: tx.delete('T', []),
    other: 'x',
  }
  const row = { _uuid: ['uuid', id], name: 'a', n: 1, refs: ['set', []], map: ['map', []] }
  t.deepEqual(outcomeOf(handles, [{ uuid: ['uuid', id] }, { rows: [row] }, { count: 2 }]), {
    made: [id],
    found: [{ _uuid: id, name: 'a', n: 1, refs: new Set(), map: new Map() }],
    count: 2,
    other: 'x',
  })
})

test('many rows are decoded in turns of the event loop, few at once', async (t) => {
  const tx = new Transaction(tables)
  const found = { all: [tx.select('T', []), tx.select('T', [])] }
  const row = (n: number) => ({ _uuid: ['uuid', id], name: 'a', n, refs: ['set', []], map: ['map', []] })
  const rows = Array.from({ length: 1600 }, (_, n) => row(n))
  const outcome = outcomeOf(found, [{ rows }, { rows: [row(-1)] }])
  t.true(outcome instanceof Promise)
  let turns = 0
  const count = () => {
    turns++
    counting = setImmediate(count)
  }
  let counting = setImmediate(count)
  const { all } = await outcome
  clearImmediate(counting)
  t.true(turns >= 2)
  t.deepEqual(
    all.map((list) => list.map(({ n }) => n)),
    [rows.map(({ n }) => n), [-1]],
  )
})

test('results tell a failed operation, a failed commit and nonsense apart', (t) => {
  const tx = new Transaction(tables)
  tx.delete('T', [])
  tx.abort()
  const operations = tx.operations
  t.deepEqual(readResults(operations, [{ count: 0 }, {}]), [{ count: 0 }, {}])
  const failed = t.throws(() => readResults(operations, [{ error: 'timed out', details: 'why' }, null]), {
    instanceOf: OperationError,
    code: 'operation',
  })
  t.like(failed, { index: 0, op: 'delete', error: 'timed out', details: 'why' })
  const commit = t.throws(
    () => readResults(operations, [{ count: 0 }, {}, { error: 'constraint violation' }]),
    {
      instanceOf: CommitError,
      code: 'commit',
    },
  )
  t.like(commit, { error: 'constraint violation', details: undefined })
  t.throws(() => readResults(operations, [{ count: 0 }]), { instanceOf: ProtocolError })
  t.throws(() => readResults(operations, [null, {}]), { instanceOf: ProtocolError })
})

test('a row can be inserted with a uuid of its own', (t) => {
  const tx = new Transaction(tables)
  tx.insert('T', { n: 1 }, { uuid: id })
  t.deepEqual(tx.operations, [{ op: 'insert', table: 'T', row: { n: 1 }, 'uuid-name': 'row0', uuid: id }])
})
