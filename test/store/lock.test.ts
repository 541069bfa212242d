import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { FileStore } from '../../src/store/file-store.js'

function directory(): string {
  return mkdtempSync(join(tmpdir(), 'state-'))
}

test('a state that another process has is left alone', (t) => {
  const state = directory()
  t.teardown(() => rmSync(state, { recursive: true }))
  const pid = process.ppid
  writeFileSync(join(state, 'lock'), `${pid} ${startOf(pid)}`)
  t.throws(() => new FileStore(state), { code: 'locked', message: new RegExp(`in use by process ${pid}`) })
})

test('what a process has left that runs no more is taken over, also where its number is used again', (t) => {
  const state = directory()
  t.teardown(() => rmSync(state, { recursive: true }))
  for (const holder of ['999999999 1', `${process.ppid} 1`]) {
    writeFileSync(join(state, 'lock'), holder)
    const store = new FileStore(state)
    store.commit([{ table: 'a', key: 'b', value: 'c' }])
    store.close()
    const again = new FileStore(state)
    t.is(again.table('a').get('b'), 'c')
    again.close()
  }
})

/** The start time of a process (proc(5), field 22 of stat). */
function startOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
