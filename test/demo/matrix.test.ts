import test from 'ava'
import {
  type Cell,
  type Drop,
  isAsPromised,
  matrixLines,
  mayPass,
  type Pair,
  pairsOf,
} from '../../src/demo/matrix.js'
import type { Station } from '../../src/demo/stations.js'

const workload = (tenant: string, name: string): Station => ({
  role: 'workload',
  name,
  tenant,
  namespace: `${tenant}/${name}`,
  address: '192.168.1.2',
})
const mine = workload('usr1', 'usr1-1')
const mate = workload('usr1', 'usr1-2')
const stranger = workload('usr2', 'usr2-1')
const router: Station = { role: 'router', name: 'usr1 router', tenant: 'usr1', address: '192.168.1.1' }
const gateway: Station = { role: 'gateway', name: 'gateway campus', address: '162.105.175.70' }
const outside: Station = {
  role: 'outside',
  name: 'outside',
  namespace: 'outside',
  address: '162.105.175.1',
}
const drop: Drop = {
  host: 'vm1',
  tableName: 'exit',
  rule: 'addresses of a network',
  file: 'usr2.yaml',
  line: 4,
}

const cell = (pair: Pair, received: number, by?: Drop): Cell => ({
  ...pair,
  sent: 3,
  received,
  ...(by && { drop: by }),
})

test('everybody with a namespace is paired with everybody else', (t) => {
  const pairs = pairsOf([mine, stranger, router, gateway, outside])
  t.is(pairs.length, 3 * 4)
  t.deepEqual([...new Set(pairs.map(({ from }) => from))], [mine, stranger, outside])
  t.true(pairs.every(({ from, to }) => from !== to))
})

test('what the scenario promises', (t) => {
  for (const to of [mate, router, gateway, outside]) t.true(mayPass({ from: mine, to }), to.name)
  t.false(mayPass({ from: mine, to: stranger }))
  t.false(mayPass({ from: stranger, to: router }))
  t.true(mayPass({ from: outside, to: gateway }))
  for (const to of [mine, stranger, router]) t.false(mayPass({ from: outside, to }), to.name)
})

test('a packet that passes between tenants fails the matrix, and its line says so', (t) => {
  const leak = cell({ from: mine, to: stranger }, 3)
  t.false(isAsPromised(leak))
  t.deepEqual(matrixLines([leak]), ['✘  usr1-1  → usr2-1  192.168.1.2  passed  (promised: dropped)'])
})

test('one answer of three between tenants is one too many', (t) => {
  t.false(isAsPromised(cell({ from: mine, to: stranger }, 1, drop)))
})

test('a packet that is lost within a tenant fails the matrix, and its line names the flow', (t) => {
  const lost = cell({ from: mine, to: mate }, 0, drop)
  t.false(isAsPromised(lost))
  t.deepEqual(matrixLines([lost]), [
    '✘  usr1-1  → usr1-2  192.168.1.2  dropped  by usr2.yaml:4, vm1 exit: addresses of a network (promised: passes)',
  ])
  t.false(isAsPromised(cell({ from: mine, to: mate }, 2)))
})

test('a drop that no flow explains fails the matrix', (t) => {
  const silent = cell({ from: mine, to: stranger }, 0)
  t.false(isAsPromised(silent))
  t.regex(matrixLines([silent])[0] ?? '', /^✘ .* dropped {2}by no flow that could be found/)
})

test('a ping that was never sent fails the matrix', (t) => {
  for (const to of [mate, stranger]) t.false(isAsPromised({ from: mine, to, sent: 0, received: 0 }), to.name)
})

test('lines as promised', (t) => {
  const cells = [cell({ from: mine, to: mate }, 3), cell({ from: mine, to: stranger }, 0, drop)]
  t.true(cells.every(isAsPromised))
  t.deepEqual(matrixLines(cells), [
    '✔  usr1-1  → usr1-2  192.168.1.2  passed',
    '✔  usr1-1  → usr2-1  192.168.1.2  dropped  by usr2.yaml:4, vm1 exit: addresses of a network',
  ])
})
