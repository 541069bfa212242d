import test from 'ava'
import { Model } from '../../src/model/model.js'
import type { Change } from '../../src/model/rows.js'
import { drop, output } from '../../src/pipeline/actions.js'
import { Engine } from '../../src/pipeline/engine.js'
import { rule, table } from '../../src/pipeline/table.js'
import { host, put, tenant } from '../support/rows.js'

/** A flow with as many actions as the tenant's number, and another one. */
const many = table('file:///10-many.js', { matches: ['inPort'] }, [
  rule(
    'outputs',
    'tenant',
    () => 'all',
    function* ({ number }) {
      yield { priority: 1, match: { inPort: number }, actions: drop }
      yield {
        priority: 2,
        match: { inPort: number },
        actions: Array.from({ length: number }, () => output(1)),
      }
    },
  ),
])

test('a unit whose flows no message can hold has none, until it can have them; others do not care', (t) => {
  const model = new Model()
  const engine = new Engine(model, [many], () => ['all'])
  const after = (...changes: readonly Change[]) => {
    engine.apply(model.commit(changes))
    engine.run()
    return { flows: engine.desired('h1')?.size, faults: [...engine.faults.keys()].map(({ id }) => id) }
  }
  const others = [put('host', host('h1', 1)), put('tenant', tenant('b', 2))]
  t.deepEqual(after(...others, put('tenant', tenant('a', 5000))), { flows: 2, faults: ['many/outputs/a'] })
  t.regex([...engine.faults.values()][0]?.message ?? '', /does not fit 16 bits/)
  t.deepEqual(after(put('tenant', tenant('a', 5))), { flows: 4, faults: [] })
  t.deepEqual(after(put('tenant', tenant('a', 5001))), { flows: 2, faults: ['many/outputs/a'] })
  t.deepEqual(after({ table: 'tenant', id: 'a' }), { flows: 2, faults: [] })
})
