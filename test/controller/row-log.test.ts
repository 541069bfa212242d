import test from 'ava'
import pino from 'pino'
import { Loop } from '../../src/controller/loop.js'
import { RowLog } from '../../src/controller/row-log.js'
import { mirrorLog } from '../../src/controller/views/mirror-views.js'
import { warningLogs } from '../../src/controller/views/warning-logs.js'
import { warningsOf } from '../../src/controller/views/warnings.js'
import { Model } from '../../src/model/model.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { mirror, port, put, route, service, workload } from '../support/rows.js'

/** A logger, and the texts that it has been given. */
function written() {
  const lines: string[] = []
  const write = (line: string) => void lines.push(JSON.parse(line).msg)
  return { log: pino({ level: 'info' }, { write }), lines }
}

const web = (name: string, role: string, n: number) =>
  service(`b/${name}`, n, { addresses: [`192.168.2.${n}`], backends: { role: { in: [role] } } })

test('only rows are looked at again whose text may be another', (t) => {
  const model = new Model()
  const looked: string[] = []
  const told: unknown[] = []
  const log = new RowLog(
    model,
    'service',
    ({ id }, reads) => {
      looked.push(id)
      const { length } = reads.by('backendsByService', id)
      return length > 0 ? `${length} for ${id}` : undefined
    },
    (...texts) => told.push(texts),
  )
  const loop = new Loop(model, [log], () => 0)
  loop.commit([...twoTenants, put('service', web('one', 'a', 80)), put('service', web('two', 'b', 81))])
  t.deepEqual(looked.splice(0), ['b/one', 'b/two'])
  t.deepEqual(told, [])
  const three = workload('b/three', 'b/lan', 6, { addresses: ['192.168.2.6'], labels: { role: 'a' } })
  loop.commit([put('workload', three)])
  t.deepEqual(looked.splice(0), ['b/one'])
  t.deepEqual(told.splice(0), [['1 for b/one', undefined, 'b/one']])
  loop.commit([{ table: 'service', id: 'b/one' }])
  loop.commit([put('workload', { ...three, labels: { role: 'b' } })])
  t.deepEqual(looked, ['b/two'])
  t.deepEqual(told, [
    [undefined, '1 for b/one', 'b/one'],
    ['1 for b/two', undefined, 'b/two'],
  ])
})

test('services without backends, routes to nobody and mirrors that wait are logged when that changes', (t) => {
  const { log, lines } = written()
  const model = new Model()
  const loop = new Loop(model, [...warningLogs(model, log), mirrorLog(model, log)], () => 0)
  const backend = workload('b/two', 'b/lan', 5, { addresses: ['192.168.2.5'], labels: { role: 'web' } })
  const onward = route('b/onward', 60, '10.0.0.0/8', { via: ['192.168.2.9'] })
  loop.commit([...twoTenants, put('workload', backend), put('service', web('web', 'web', 80))])
  loop.commit([put('route', onward), put('mirror', mirror('b/eye', 90, { to: 'b/two' }))])
  t.deepEqual(lines.splice(0), [
    'route b/onward: no workload has 192.168.2.9; its packets are dropped',
    'mirror b/eye copies to b/two on h2',
  ])
  loop.commit([{ table: 'port', id: 'h2/b2' }, put('route', { ...onward, via: ['b/two'] })])
  const deserted = 'service b/web: no backend runs for 192.168.2.80; what asks there is refused'
  t.deepEqual(lines.splice(0), [
    'no longer: route b/onward: no workload has 192.168.2.9; its packets are dropped',
    deserted,
    'mirror b/eye waits for b/two, which is plugged in nowhere',
  ])
  loop.commit([put('port', port('h1', 'b2', 'b/two', 7))])
  t.deepEqual(lines, [`no longer: ${deserted}`, 'mirror b/eye copies to b/two on h1'])
})

test('a service of more backends than a group can hold has the first of them, and that is said', (t) => {
  const { log, lines } = written()
  const cluster = new Cluster()
  const { model, engine } = cluster
  const loop = new Loop(model, [engine, ...warningLogs(model, log)], () => 0)
  const many = Array.from({ length: 1400 }, (_, n) => [
    put('workload', workload(`a/w${n}`, 'a/lan', 2000 + n, { addresses: [`10.9.${n >> 8}.${n & 255}`] })),
    put('port', port(n % 2 === 0 ? 'h1' : 'h2', `w${n}`, `a/w${n}`, 500 + n)),
  ]).flat()
  loop.commit([
    ...twoTenants,
    ...many,
    put('service', service('a/s', 50, { addresses: ['192.168.9.80'], backends: {} })),
  ])
  // With the two that were there before.
  const said = 'service a/s: 1402 backends run; the first 1000 by name get connections'
  t.deepEqual(lines, [said])
  t.deepEqual([...warningsOf(model, engine)], [said])
})
