import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import test from 'ava'
import { FileStore } from '../../src/store/file-store.js'
import { StoreError } from '../../src/store/store.js'

function scratch(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-store-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'state')
}

/** The rows of a table that a new process would find, whether or not the old one ended well. */
function reopened(directory: string, table: string): [string, string][] {
  const store = new FileStore(directory)
  const rows = [...store.table(table)]
  store.close()
  return rows
}

test('what was committed is there after a restart, oldest write first', (t) => {
  const directory = scratch(t)
  const store = new FileStore(directory)
  store.commit([
    { table: 'a', key: 'x', value: '1' },
    { table: 'a', key: 'y', value: 'two\nlines' },
    { table: 'b', key: 'x', value: '3' },
  ])
  store.commit([
    { table: 'a', key: 'x', value: '4' },
    { table: 'b', key: 'x', value: undefined },
  ])
  t.deepEqual(
    [...store.table('a')],
    [
      ['y', 'two\nlines'],
      ['x', '4'],
    ],
  )
  t.deepEqual(reopened(directory, 'a'), [...store.table('a')])
  t.deepEqual(reopened(directory, 'b'), [])
  store.close()
})

test('a transaction that a crash cut short never was, and does not spoil the next', (t) => {
  const directory = scratch(t)
  const store = new FileStore(directory)
  store.commit([{ table: 'a', key: 'x', value: '1' }])
  store.close()
  appendFileSync(join(directory, 'state.log'), '[["a","x","2"],["a","y"')
  const next = new FileStore(directory)
  t.deepEqual([...next.table('a')], [['x', '1']])
  next.commit([{ table: 'a', key: 'z', value: '3' }])
  next.close()
  t.deepEqual(reopened(directory, 'a'), [
    ['x', '1'],
    ['z', '3'],
  ])
})

test('a file that is not ours, or damaged in the middle, is refused', (t) => {
  const directory = scratch(t)
  new FileStore(directory).close()
  const path = join(directory, 'state.log')
  const good = readFileSync(path, 'utf8')
  for (const text of ['hello\n', `${good}[[1]]\n`, `${good}nonsense\n[]\n`]) {
    writeFileSync(path, text)
    const error = t.throws(() => new FileStore(directory), { instanceOf: StoreError })
    t.is(error.code, 'corrupt')
  }
})

test('outdated lines do not pile up', (t) => {
  const directory = scratch(t)
  const store = new FileStore(directory)
  const value = 'x'.repeat(1 << 20)
  for (let i = 0; i < 30; i++) store.commit([{ table: 'a', key: 'x', value: `${i} ${value}` }])
  t.true(statSync(join(directory, 'state.log')).size < 14 << 20)
  t.is(store.table('a').get('x')?.slice(0, 3), '29 ')
  store.close()
  t.is(reopened(directory, 'a')[0]?.[1].slice(0, 3), '29 ')
  t.true(statSync(join(directory, 'state.log')).size < 2 << 20)
})

test('a closed store takes nothing', (t) => {
  const store = new FileStore(scratch(t))
  store.close()
  const error = t.throws(() => store.commit([{ table: 'a', key: 'x', value: '1' }]), {
    instanceOf: StoreError,
  })
  t.is(error.code, 'closed')
})

test('a directory that cannot be made says so', (t) => {
  const directory = scratch(t)
  new FileStore(directory).close()
  const below = join(directory, 'state.log', 'x')
  for (const path of [below, '/proc/sluice-state/x']) {
    const { code, message } = t.throws(() => new FileStore(path), { instanceOf: StoreError })
    t.is(code, 'unreadable')
    t.regex(message, /^state directory \/.* cannot be opened: E[A-Z]+: /)
  }
})

test('directories above are made with it', (t) => {
  const directory = join(scratch(t), 'a', 'b')
  new FileStore(directory).close()
  t.is(statSync(directory).mode & 0o777, 0o700)
})
