import test from 'ava'
import pino from 'pino'
import { BandwidthViews } from '../../../src/controller/views/bandwidth-views.js'
import { ConnectionClosed } from '../../../src/openflow/index.js'
import { groupOrMeterOf } from '../../../src/pipeline/flow.js'
import { Cluster, twoTenants } from '../../support/cluster.js'
import { bandwidth, put } from '../../support/rows.js'

const limit = { rate: 1000, burst: 600 }
const none = { packets: '0', bytes: '0' }

const { limit: _, ...mark } = bandwidth('b/mark', 7, { direction: 'in', scope: 'workload', dscp: 10 })

/** Switches on whose meters 10 packets were seen and 3 dropped, of 100 bytes each. */
function views(failing?: string) {
  const { engine } = new Cluster().commit(
    ...twoTenants,
    put('bandwidth', bandwidth('b/each', 5, { direction: 'out', scope: 'workload', limit })),
    put('bandwidth', bandwidth('b/all', 6, { direction: 'in', scope: 'tenant', limit })),
    put('bandwidth', mark),
    put('bandwidth', bandwidth('b/nobody', 8, { direction: 'in', select: { no: 'body' }, limit })),
  )
  const get = (host: string) => ({
    host,
    device: {
      readMeterCounts: async (each: Each) => {
        if (host === failing) throw new ConnectionClosed('peer')
        for (const key of engine.groupsAndMeters(host)?.keys() ?? [])
          if (groupOrMeterOf(key)?.kind === 'meter')
            each(key, { packets: 10n, bytes: 1000n }, { packets: 3n, bytes: 300n })
      },
    },
  })
  return new BandwidthViews(engine, { get }, pino({ enabled: false }))
}

interface Numbers {
  readonly packets: bigint
  readonly bytes: bigint
}
type Each = (key: string, all: Numbers, dropped: Numbers) => void

const times = (count: number) => ({
  passed: { packets: String(7 * count), bytes: String(700 * count) },
  dropped: { packets: String(3 * count), bytes: String(300 * count) },
})

test('what limits let pass and drop, over workloads and hosts; one without a rate has nothing to count', async (t) => {
  t.deepEqual(
    [...(await views().counts())],
    [
      ['b/each', times(3)],
      ['b/all', times(2)],
      ['b/nobody', { passed: none, dropped: none }],
    ],
  )
})

test('a switch that cannot be asked is left out', async (t) => {
  const counts = await views('h1').counts()
  t.deepEqual(counts.get('b/all'), times(1))
})

test('an object with its counters', async (t) => {
  const all = views()
  const counts = await all.counts()
  const object = { kind: 'Bandwidth', name: 'all', file: 'a.yaml', line: 1 }
  const { passedPackets, droppedPackets } = all.view({ ...object, id: 'bandwidth/b/all' }, counts)
  t.deepEqual([passedPackets, droppedPackets], ['14', '6'])
  t.false('passedPackets' in all.view({ ...object, id: 'bandwidth/b/mark' }, counts))
})
