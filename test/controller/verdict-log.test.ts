import test from 'ava'
import pino from 'pino'
import { RequestError } from '../../src/api/contract.js'
import { Sources } from '../../src/controller/sources.js'
import { VerdictLog } from '../../src/controller/verdict-log.js'
import { readPacket } from '../../src/frames/packet.js'
import type { Judgement } from '../../src/verdicts/verdicts.js'
import { ethernet, ipv4, udp } from '../e2e/support/frames.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { policy, rules } from '../support/policies.js'
import { put } from '../support/rows.js'

const web = policy('a/web', 5, { ingress: rules(0, { action: 'deny', log: true }) })

function setUp() {
  const { model, engine } = new Cluster().commit(...twoTenants, put('policy', web))
  const sources = new Sources([engine], model, (object, part = []) =>
    object === 'policy/a/web' ? { file: 'a.yaml', line: part.length === 0 ? 10 : 14 } : undefined,
  )
  const said: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => said.push(line) })
  const verdicts = new VerdictLog(model, sources, () => new Date(0), log)
  return { model, verdicts, said }
}

function judgement(cluster: ReturnType<typeof setUp>, more: Partial<Judgement> = {}): Judgement {
  const { model } = cluster
  const [one, two] = [model.get('workload', 'a/one'), model.get('workload', 'a/two')]
  const packet = readPacket(
    ethernet(
      '0a:00:00:00:00:03',
      '0a:00:00:00:00:02',
      0x0800,
      ipv4({ src: '192.168.1.2', dst: '192.168.1.3', protocol: 17 }, udp(4000, 53)),
    ),
  )
  if (!one || !two || !packet) throw new Error('no such workload')
  return {
    host: 'h2',
    direction: 'ingress',
    outcome: 'deny',
    packet,
    subject: two,
    source: one,
    destination: two,
    policy: web,
    rule: web.ingress?.[0],
    ...more,
  }
}

test('an entry says who, what, and which line; the log too', (t) => {
  const cluster = setUp()
  cluster.verdicts.note(judgement(cluster))
  const entry = {
    host: 'h2',
    direction: 'ingress',
    verdict: 'deny',
    protocol: 'udp',
    source: { address: '192.168.1.2', port: 4000, workload: 'a/one' },
    destination: { address: '192.168.1.3', port: 53, workload: 'a/two' },
    rule: { object: 'policy/a/web', file: 'a.yaml', line: 14, rule: 'ingress/0' },
  } as const
  t.deepEqual(cluster.verdicts.entries({}), [{ time: '1970-01-01T00:00:00.000Z', ...entry }])
  const line = JSON.parse(cluster.said[0] ?? '')
  t.like(line, { ...entry, level: 30, msg: 'denied udp/53 from a/one to a/two (ingress) by a.yaml:14' })
})

test('what rules leave over has the place of the policy, what no policy decides the tenant', (t) => {
  const cluster = setUp()
  cluster.verdicts.note(judgement(cluster, { rule: undefined }))
  cluster.verdicts.note(
    judgement(cluster, { outcome: 'allow', rule: undefined, policy: undefined, source: undefined }),
  )
  t.deepEqual(
    cluster.verdicts.entries({}).map(({ rule }) => rule),
    [
      { object: 'policy/a/web', file: 'a.yaml', line: 10, rule: 'ingress/default' },
      { object: 'tenant/a', rule: 'ingress/default' },
    ],
  )
})

test('conditions: an end’s tenant, an end’s workload, the policy', (t) => {
  const cluster = setUp()
  const { verdicts, model } = cluster
  verdicts.note(judgement(cluster))
  verdicts.note(
    judgement(cluster, { source: model.get('workload', 'b/far'), policy: undefined, rule: undefined }),
  )
  const count = (query: object) => verdicts.entries(query).length
  t.is(count({ tenant: 'a' }), 2)
  t.is(count({ tenant: 'b' }), 1)
  t.is(count({ workload: 'a/one' }), 1)
  t.is(count({ workload: 'far' }), 1)
  t.is(count({ workload: 'a/two', policy: 'web' }), 1)
  t.is(count({ policy: 'a/web' }), 1)
  t.is(count({ policy: 'eb' }), 0)
  t.throws(() => verdicts.entries({ tenant: 'c' }), { instanceOf: RequestError, code: 'unknown-name' })
  t.throws(() => verdicts.entries({ workload: 'one' }), { instanceOf: RequestError, code: 'ambiguous-name' })
})

test('only so many are remembered; who follows gets these, then all', (t) => {
  const cluster = setUp()
  const { verdicts } = cluster
  for (let n = 0; n < 5000; n++) verdicts.note(judgement(cluster, { host: `h${n}` }))
  const entries = verdicts.entries({})
  t.is(entries.length, 4096)
  t.is(entries[0]?.host, 'h904')
  let followed = 0
  const following = verdicts.follow({}).subscribe(() => followed++)
  verdicts.note(judgement(cluster))
  following.unsubscribe()
  t.is(followed, 4097)
})
