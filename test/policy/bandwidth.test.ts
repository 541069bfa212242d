import test from 'ava'
import { documents, errorsOf, Model, open, scratch, tenant, write } from './support.js'

const limit = (more: string) => `kind: Bandwidth\ntenant: a\nname: x\ndirection: out\n${more}`

test('rates and bursts become kilobits; a burst is 60 % of a second at most 10 Mb', async (t) => {
  for (const [more, expected] of [
    ['rate: 1Mbps\n', { rate: 1000, burst: 600 }],
    ['rate: 1.5Gbps\n', { rate: 1_500_000, burst: 10_000 }],
    ['rate: 64kbps\nburst: 8kb\n', { rate: 64, burst: 8 }],
    ['rate: 1500bps\nburst: 1Mb\n', { rate: 2, burst: 1000 }],
    ['dscp: 46\n', undefined],
  ] as const) {
    const directory = scratch(t)
    write(directory, { 'a.yaml': documents(tenant('a'), limit(more)) })
    const update = await open(directory).load()
    t.deepEqual(errorsOf(directory, update), [])
    const model = new Model()
    model.apply(update.changes)
    t.like(model.rows.get('bandwidth/a/x'), { scope: 'workload', direction: 'out', select: {}, number: 1 })
    t.deepEqual(
      Object.entries(model.rows.get('bandwidth/a/x') ?? {}).find(([key]) => key === 'limit')?.[1],
      expected,
    )
  }
})

test('what is no rate, burst or mark is said with its place', async (t) => {
  const directory = scratch(t)
  write(directory, {
    'a.yaml': documents(
      tenant('a'),
      limit('rate: 10\n'),
      limit('rate: 10Mb\nburst: 10Mbps\n').replace('x', 'y'),
      limit('burst: 1Mb\ndscp: 64\nscope: host\n').replace('x', 'z'),
      limit('').replace('x', 'w'),
      limit('burst: 1Mb\ndscp: 1\n').replace('x', 'v'),
      limit('rate: 5000Gbps\n').replace('x', 'u'),
    ),
  })
  t.deepEqual(errorsOf(directory, await open(directory).load()), [
    'a.yaml:8:7: error: rate 10 is not in bits: expected a number and k, M or G, such as 10Mbps [bad-rate]',
    'a.yaml:14:7: error: rate 10Mb is not in bits: expected a number and k, M or G, such as 10Mbps [bad-rate]',
    'a.yaml:15:8: error: burst 10Mbps is not in bits: expected a number and k, M or G, such as 10Mb [bad-rate]',
    'a.yaml:22:7: error: dscp 64 is too large: expected at most 63 [out-of-range]',
    'a.yaml:23:8: error: scope host is not known: expected one of workload, tenant [bad-value]',
    'a.yaml:25:1: error: rate or dscp is missing: there is nothing to do [missing-field]',
    'a.yaml:34:8: error: burst has no rate beside it [missing-field]',
    'a.yaml:41:7: error: rate 5000Gbps is not between 1kbps and 4294Gbps [bad-rate]',
  ])
})
