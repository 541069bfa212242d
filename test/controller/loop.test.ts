import test from 'ava'
import { pipeline } from '../../flows/pipeline.js'
import { scopesOfHost } from '../../flows/scopes.js'
import { Loop } from '../../src/controller/loop.js'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { Engine } from '../../src/pipeline/engine.js'
import { network, put, tenant } from '../support/rows.js'

/** Small transactions are done at once while the clock stands still, however busy the machine is. */
function newLoop(now: () => number = () => 0): Loop {
  const model = new Model()
  return new Loop(model, [new Engine(model, pipeline, scopesOfHost)], now)
}

/** Takes its time between two changes, so that a transaction of a few thousand is no small one anywhere. */
function* slowly(count: number): Generator<Change> {
  for (let n = 1; n <= count; n++) {
    const end = performance.now() + 0.05
    while (performance.now() < end);
    yield put('tenant', tenant(`t${n}`, n))
    yield put('network', network(`t${n}/lan`, n, { subnet: '10.0.0.0/24', gateway: '10.0.0.1' }))
  }
}

test('a small transaction is done when commit returns', (t) => {
  const loop = newLoop()
  const settled: number[] = []
  loop.settled.subscribe((revision) => settled.push(revision))
  loop.commit([put('tenant', tenant('a', 1))], 3)
  t.true(loop.consistent)
  t.is(loop.revision, 3)
  t.deepEqual(settled, [3])
})

test('a large transaction leaves turns to others, and is told of once, when the model has all of it', async (t) => {
  const loop = newLoop(() => performance.now())
  const applied: number[] = []
  loop.applied.subscribe((changes) => applied.push(changes.length))
  loop.commit(slowly(1000), 1)
  t.false(loop.consistent)
  t.deepEqual(applied, [])
  loop.commit([put('tenant', tenant('last', 2000))], 2)
  await loop.drained()
  t.deepEqual(applied, [2000, 1])
  t.is([...loop.model.rows('network')].length, 1000)
  t.is(loop.revision, 2)
})

test('what changes nothing settles nothing, unless it is a new revision', (t) => {
  const loop = newLoop()
  loop.commit([put('tenant', tenant('a', 1))], 1)
  const settled: number[] = []
  loop.settled.subscribe((revision) => settled.push(revision))
  loop.commit([put('tenant', tenant('a', 1))])
  t.deepEqual(settled, [])
  loop.commit([put('tenant', tenant('a', 1))], 2)
  t.deepEqual(settled, [2])
})

test('a transaction that another one causes comes after it', (t) => {
  const loop = newLoop()
  const order: string[] = []
  loop.applied.subscribe((changes) => {
    order.push(...changes.map(({ id }) => id))
    if (changes.some(({ id }) => id === 'a')) loop.commit([put('tenant', tenant('b', 2))])
  })
  loop.commit([put('tenant', tenant('a', 1))])
  t.deepEqual(order, ['a', 'b'])
  t.true(loop.consistent)
})
