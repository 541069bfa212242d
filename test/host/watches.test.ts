import test from 'ava'
import { questionsOf, watchesOf } from '../../src/host/watches.js'
import { Model } from '../../src/model/model.js'
import { gateway, host, put } from '../support/rows.js'

const model = new Model()
model.commit(['h1', 'h2', 'h3', 'h4'].map((id, index) => put('host', host(id, index + 1))))

test('a gateway of one host is not watched', (t) => {
  model.commit([put('gateway', gateway('one', 1, { hosts: ['h1', 'gone'] }))])
  t.deepEqual(watchesOf('h1', model), [])
  t.deepEqual(watchesOf('h2', model), [])
})

test('hosts of a gateway and all others watch each other, as often as the most impatient gateway wants', (t) => {
  model.commit([
    put('gateway', gateway('one', 1, { hosts: ['h1', 'h2'] })),
    put('gateway', gateway('two', 2, { hosts: ['h2', 'h3'], bfd: 100 })),
  ])
  const watch = (id: string, intervalMs: number) => ({ host: id, intervalMs })
  t.deepEqual(watchesOf('h1', model), [watch('h2', 100), watch('h3', 100), watch('h4', 300)])
  t.deepEqual(watchesOf('h4', model), [watch('h1', 300), watch('h2', 100), watch('h3', 100)])
})

test('each host of a gateway that several can carry asks all of them whether they do', (t) => {
  const question = (id: string, intervalMs: number, of: string) => ({ gateway: of, host: id, intervalMs })
  t.deepEqual(questionsOf('h1', model), [question('h1', 300, 'one'), question('h2', 300, 'one')])
  t.deepEqual(
    questionsOf('h2', model).map(({ gateway: of, host: id }) => `${of} ${id}`),
    ['one h1', 'one h2', 'two h2', 'two h3'],
  )
  t.deepEqual(questionsOf('h4', model), [])
})
