import test from 'ava'
import fc from 'fast-check'
import { Cluster } from '../support/cluster.js'
import { Decoder } from '../support/execution.js'
import { Comparison, cellsOf } from './cells.js'
import { outside, world, worldChange } from './world.js'

test('what the flows do is what the files say: every pair, at both ends of every range of ports, after random changes', (t) => {
  const decoder = new Decoder()
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(
      fc.array(fc.array(worldChange, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
      (history) => {
        const cluster = new Cluster().commit(...world)
        for (const changes of history) {
          cluster.commit(...changes)
          const comparison = new Comparison(cluster, decoder)
          for (const cell of cellsOf(cluster, outside)) {
            t.is(comparison.check(cell), undefined)
            const kind = comparison.said(cell).replace(/ by .*/, '')
            seen.set(kind, (seen.get(kind) ?? 0) + 1)
          }
        }
      },
    ),
    { numRuns: 15 },
  )
  for (const kind of ['delivered', 'denied at egress', 'denied at ingress', 'closed'])
    t.true((seen.get(kind) ?? 0) > 100, `${kind}: ${seen.get(kind)}`)
})
