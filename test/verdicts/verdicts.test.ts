import test from 'ava'
import fc from 'fast-check'
import { verdictToController } from '../../flows/answers.js'
import { isolation, ruleId } from '../../flows/registers.js'
import type { Direction } from '../../src/model/rows.js'
import { type Judgement, Verdicts, type WayBack } from '../../src/verdicts/verdicts.js'
import { ethernet, ipv4, udp } from '../e2e/support/frames.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { policy, rules } from '../support/policies.js'
import { put } from '../support/rows.js'

const one = { mac: '0a:00:00:00:00:02', address: '192.168.1.2', key: 2 }
const two = { mac: '0a:00:00:00:00:03', address: '192.168.1.3', key: 3 }
const web = 5

function setUp() {
  const { model } = new Cluster().commit(
    ...twoTenants,
    put(
      'policy',
      policy('a/web', web, {
        ingress: rules(
          0,
          { action: 'reject' },
          { action: 'reject', log: true },
          { action: 'deny', log: true },
        ),
        egress: rules(0, { action: 'reject', log: true }),
      }),
    ),
  )
  const sent: { host: string; way: WayBack; frame: Buffer }[] = []
  const judgements: Judgement[] = []
  const verdicts = new Verdicts({
    model,
    peersOf: (tenant) => (tenant === 'a' ? ['b'] : []),
    send: (host, way, frame) => sent.push({ host, way, frame }),
    onJudgement: (judgement) => judgements.push(judgement),
  })
  return { model, verdicts, sent, judgements }
}

function userdata(direction: Direction, outcome: 'allow' | 'deny' | 'reject', rule: number): Uint8Array {
  const action = verdictToController(direction, outcome, rule)
  return (action.type === 'controller' && action.userdata) || new Uint8Array()
}

/** A datagram from workload a/one to a/two, or to another address. */
function datagram(to = two.address): Buffer {
  return ethernet(two.mac, one.mac, 0x0800, ipv4({ src: one.address, dst: to, protocol: 17 }, udp(4000, 53)))
}

const at = (frame: Buffer, data: Uint8Array) => ({
  userdata: data,
  frame,
  port: 7,
  source: one.key,
  destination: two.key,
})

test('what is rejected where it leaves is answered at the port that it came by', (t) => {
  const { verdicts, sent, judgements } = setUp()
  verdicts.judged('h1', at(datagram(), userdata('egress', 'reject', ruleId(web, 0))))
  t.like(sent, [{ host: 'h1', way: { port: 7 } }])
  t.is(sent[0]?.frame.toString('hex', 0, 12), '0a00000000020a0000000003')
  t.like(judgements, [
    { direction: 'egress', outcome: 'reject', rule: { index: 0 }, policy: { id: 'a/web' } },
  ])
  t.deepEqual([judgements[0]?.source?.id, judgements[0]?.destination?.id], ['a/one', 'a/two'])
})

test('what is rejected where it arrives is answered by way of the router of the receiver', (t) => {
  const { verdicts, sent, judgements } = setUp()
  verdicts.judged('h2', at(datagram(), userdata('ingress', 'reject', ruleId(web, 1))))
  t.like(sent, [{ host: 'h2', way: { network: 1, tenant: 1 } }])
  t.like(judgements, [{ subject: { id: 'a/two' }, rule: { index: 1 } }])
})

test('a rule that rejects tells of it only if it logs', (t) => {
  const { verdicts, sent, judgements } = setUp()
  verdicts.judged('h2', at(datagram(), userdata('ingress', 'reject', ruleId(web, 0))))
  t.is(sent.length, 1)
  t.deepEqual(judgements, [])
  t.deepEqual(verdicts.figures, { received: 1, malformed: 0, stale: 0, answered: 1 })
})

test('what is allowed or denied is told of and not answered', (t) => {
  const { verdicts, sent, judgements } = setUp()
  verdicts.judged('h2', at(datagram(), userdata('ingress', 'deny', ruleId(web, 2))))
  verdicts.judged('h2', at(datagram(), userdata('ingress', 'deny', ruleId(web, isolation))))
  verdicts.judged('h2', at(datagram(), userdata('ingress', 'allow', 0)))
  t.deepEqual(sent, [])
  t.deepEqual(
    judgements.map((each) => [each.outcome, each.policy?.id, each.rule?.index]),
    [
      ['deny', 'a/web', 2],
      ['deny', 'a/web', undefined],
      ['allow', undefined, undefined],
    ],
  )
})

test('the other end is a workload of the tenant or of a peer, or an address', (t) => {
  const { verdicts, judgements } = setUp()
  for (const address of ['192.168.2.4', '192.168.1.3', '192.0.2.1'])
    verdicts.judged('h1', at(datagram(address), userdata('egress', 'reject', ruleId(web, 0))))
  t.deepEqual(
    judgements.map(({ destination }) => destination?.id),
    ['b/one', 'a/two', undefined],
  )
})

test('a packet that flows have turned around is not answered: nobody sent it so', (t) => {
  const { verdicts, sent } = setUp()
  const turned = at(datagram(), userdata('egress', 'reject', ruleId(web, 0)))
  verdicts.judged('h2', { ...turned, source: two.key })
  t.deepEqual(sent, [])
  t.is(verdicts.figures.stale, 1)
})

test('what belongs to a rule or workload that is gone is counted; a sender is told all the same', (t) => {
  const { model, verdicts, sent, judgements } = setUp()
  const packetIn = at(datagram(), userdata('egress', 'reject', ruleId(web, 0)))
  model.commit([{ table: 'policy', id: 'a/web' }])
  verdicts.judged('h1', packetIn)
  t.is(sent.length, 1)
  model.commit([{ table: 'workload', id: 'a/one' }])
  verdicts.judged('h1', packetIn)
  t.is(sent.length, 1)
  t.deepEqual(judgements, [])
  t.deepEqual(verdicts.figures, { received: 2, malformed: 0, stale: 2, answered: 1 })
})

test('whatever a switch sends is counted', (t) => {
  const { verdicts } = setUp()
  const frames = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    fc.nat({ max: 60 }).map((length) => datagram().subarray(0, length)),
  )
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 10 }),
    fc.constant(userdata('ingress', 'reject', ruleId(web, 1))),
  )
  let sent = 0
  fc.assert(
    fc.property(frames, data, (frame, bytes) => {
      verdicts.judged('h1', at(frame, bytes))
      sent++
    }),
    { numRuns: 2000 },
  )
  const { received, malformed } = verdicts.figures
  t.is(received, sent)
  t.true(malformed > 1000)
})
