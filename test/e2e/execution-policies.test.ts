/** Open vSwitch as the oracle of our own execution: the pipeline's own flows, with policies of every kind. */
import test from 'ava'
import fc from 'fast-check'
import { meters } from '../../flows/answers.js'
import { Comparison, cellsOf, firstPacket } from '../reach/cells.js'
import { members, outside, world, worldChange } from '../reach/world.js'
import { Cluster } from '../support/cluster.js'
import { startDummySwitch } from '../support/dummy-switch.js'
import { Decoder } from '../support/execution.js'
import { sendFlows } from '../support/read-flows.js'
import { ctNext, parseTrace, traceArgument, tracedPasses } from './support/trace.js'
import { addPorts, traceOn } from './support/traced-switch.js'

const host = 'h1'
/** Without services: which backend a switch takes depends on its own hash. */
const change = worldChange.filter(({ table }) => table !== 'service')
const perCluster = 60

test('first packets through policies, of workloads on one host and on two', async (t) => {
  t.timeout(240_000)
  const ovs = await startDummySwitch()
  t.teardown(() => ovs.stop())
  await addPorts(ovs, [...members.map(({ key }) => key).filter((port) => port > 4), 100, 200])
  const ofctl = (...args: string[]) => ovs.tool('ovs-ofctl', '-O', 'OpenFlow15', ...args)
  for (const { id } of Object.values(meters))
    await ofctl('add-meter', ovs.bridge, `meter=${id} pktps band=type=drop,rate=100`)
  const tables = new Set<number>()
  for (const changes of fc.sample(fc.array(change, { minLength: 8, maxLength: 25 }), 8)) {
    const cluster = new Cluster().commit(...world, ...changes)
    const comparison = new Comparison(cluster, new Decoder())
    const decoder = new Decoder()
    const flows = cluster.flows(host).map((flow) => decoder.decode(...flow))
    await ofctl('del-flows', ovs.bridge)
    t.deepEqual(await sendFlows(ovs.socket, 6, flows), [])
    const cells = [...cellsOf(cluster, outside)].filter(
      ({ from }) => cluster.model.get('placement', from.id)?.host === host,
    )
    for (const cell of fc.sample(fc.constantFrom(...cells), perCluster)) {
      const execution = comparison.run(cell)
      const here = { ...execution, passes: execution.passes.filter((pass) => pass.host === host) }
      for (const { steps } of here.passes) for (const { table } of steps) tables.add(table)
      const ofport = cluster.model.get('placement', cell.from.id)?.ofport ?? 0
      const text = await traceOn(ovs, traceArgument(firstPacket(cell), ofport), ...ctNext(here))
      const [ours, theirs] = [tracedPasses(here), parseTrace(text)]
      t.deepEqual(
        ours.map(({ steps }) => steps),
        theirs.map(({ steps }) => steps),
        text,
      )
      t.deepEqual(
        ours.map(({ fields }) => fields),
        theirs.map(({ fields }) => fields),
        text,
      )
    }
  }
  t.true(tables.size > 30, [...tables].join())
})
