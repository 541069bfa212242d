/** Open vSwitch as the oracle: what it takes and gives back, decoded, written as text, and encoded again. */
import test from 'ava'
import { Writer } from '../../src/openflow/bytes.js'
import {
  encodeInstructions,
  encodeMatch,
  type Flow,
  formatFlow,
  parseFlow,
  type Version,
} from '../../src/openflow/flow.js'
import { readFlows } from '../support/decode-flow.js'
import { startDummySwitch } from '../support/dummy-switch.js'
import { actionTexts, flowTexts, matchTexts } from '../support/flow-texts.js'
import { actionValues, matchValues } from '../support/flow-values.js'
import { readFlowReplies, sendFlows } from '../support/read-flows.js'

const protocols: readonly (readonly [Version, string])[] = [
  [4, 'OpenFlow13'],
  [5, 'OpenFlow14'],
  [6, 'OpenFlow15'],
]

/**
 * What a text cannot say: how long the switch's tunnel options are. And what Open vSwitch changes: an exact match on
 * these fields comes back with the value as its mask.
 */
const perSwitch = /tun_metadata|erspan|gtpu/i

/** Each text with a table and priority of its own, so that the switch keeps all of them. */
const texts: readonly string[] = [
  ...matchTexts.map((text, i) => `table=1,priority=${i + 1}${text && `,${text}`} actions=drop`),
  ...actionTexts.map((text, i) => `table=2,priority=${i + 1} actions=${text}`),
  ...flowTexts.map((text, i) => `table=3,priority=${i + 1},${text}`),
  ...matchTexts
    .slice(0, 40)
    .map((text, i) => `table=4,priority=${32768 + i},reg12=${i}${text && `,${text}`} actions=drop`),
]

function encoded(flow: Flow, version: Version): { match: string; instructions: string } {
  const match = new Writer()
  encodeMatch(match, flow.match, version)
  const instructions = new Writer()
  encodeInstructions(instructions, flow.actions, version)
  return { match: match.view().toString('hex'), instructions: instructions.view().toString('hex') }
}

for (const [version, protocol] of protocols) {
  test(`flows read from a switch in ${protocol} read, write and print as the switch does`, async (t) => {
    t.timeout(120_000)
    const ovs = await startDummySwitch()
    t.teardown(() => ovs.stop())
    const ofctl = (...args: string[]): Promise<string> => ovs.tool('ovs-ofctl', '-O', protocol, ...args)
    await ofctl(
      'add-tlv-map',
      ovs.bridge,
      '{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=1,len=8}->tun_metadata1',
    )
    await ofctl('add-meter', ovs.bridge, 'meter=1 pktps band=type=drop,rate=1')
    await ofctl('add-group', ovs.bridge, 'group_id=5,type=all')
    const refused: string[] = []
    for (const text of texts) {
      await ofctl('add-flow', ovs.bridge, text).catch((error: Error) => refused.push(error.message))
    }
    t.deepEqual(refused, [])
    const flows = readFlows(await readFlowReplies(ovs.socket, version), version)
    const dump = await ofctl('--no-names', '--no-stats', 'dump-flows', ovs.bridge)
    const lines = dump.split('\n').filter((line) => line.includes('actions='))
    t.is(flows.length, texts.length)
    t.deepEqual(
      flows.map(({ flow }) => formatFlow(flow)).filter((line, i) => line !== lines[i]),
      lines.filter((line, i) => flows[i] === undefined || line !== formatFlow(flows[i].flow)),
    )
    const differing = flows.flatMap((flow) => {
      const ours = encoded(flow.flow, version)
      const theirs = { match: flow.match.toString('hex'), instructions: flow.instructions.toString('hex') }
      const same = ours.match === theirs.match && ours.instructions === theirs.instructions
      return same ? [] : [{ line: formatFlow(flow.flow), ours, theirs }]
    })
    t.deepEqual(differing, [])
    const byKey = new Map(flows.map((flow) => [`${flow.flow.table}/${flow.flow.priority}`, flow]))
    const misread = texts
      .filter((text) => !perSwitch.test(text))
      .flatMap((text) => {
        const flow = parseFlow(text)
        const read = byKey.get(`${flow.table}/${flow.priority}`)
        if (read === undefined) return [{ text }]
        const [ours, theirs] = [encoded(flow, version), encoded(read.flow, version)]
        return ours.match === theirs.match && ours.instructions === theirs.instructions
          ? []
          : [{ text, line: formatFlow(flow), ours, theirs }]
      })
    t.deepEqual(misread, [])
  })
}

const made: readonly Flow[] = [
  ...matchValues.map((match, i): Flow => ({ table: 0, priority: i + 1, cookie: 0n, match, actions: [] })),
  ...actionValues.map(
    (actions, i): Flow => ({
      table: 1,
      priority: i + 1,
      cookie: BigInt(i),
      match: { ethType: 0x800, ipProto: 6 },
      actions,
    }),
  ),
]

for (const [version, protocol] of protocols) {
  test(`flows sent in ${protocol} come back as the bytes that were sent`, async (t) => {
    t.timeout(120_000)
    const ovs = await startDummySwitch()
    t.teardown(() => ovs.stop())
    const ofctl = (...args: string[]): Promise<string> => ovs.tool('ovs-ofctl', '-O', protocol, ...args)
    await ofctl('add-tlv-map', ovs.bridge, '{class=0xffff,type=0,len=4}->tun_metadata0')
    await ofctl('add-meter', ovs.bridge, 'meter=1 pktps band=type=drop,rate=1')
    await ofctl('add-group', ovs.bridge, 'group_id=5,type=all')
    t.deepEqual(await sendFlows(ovs.socket, version, made), [])
    const read = readFlows(await readFlowReplies(ovs.socket, version), version)
    t.is(read.length, made.length)
    const changed = made.flatMap((flow) => {
      const back = read.find(
        ({ flow: { table, priority } }) => table === flow.table && priority === flow.priority,
      )
      const ours = encoded(flow, version)
      const theirs = { match: back?.match.toString('hex'), instructions: back?.instructions.toString('hex') }
      const same = ours.match === theirs.match && ours.instructions === theirs.instructions
      return same ? [] : [{ line: formatFlow(flow), ours, theirs, back: back && formatFlow(back.flow) }]
    })
    t.deepEqual(changed, [])
  })
}
