/**
 * Flows, groups and meters drawn from the whole grammar, given to a real switch by the tool and by the library: what the
 * switch then holds is the same, and reads the same in both. SLUICE_SEED and SLUICE_SWITCH_FLOWS choose which and how many.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { filter } from 'rxjs'
import {
  type Draft,
  decodeFlags,
  dialOpenFlow,
  encodeFlags,
  flowToHex,
  formatFlow,
  formatMessage,
  type OpenFlowConnection,
  parseFlow,
  parseGroupMod,
  parseMeter,
  type Version,
} from '../../src/openflow/index.js'
import { captureTool } from '../support/capture-tool.js'
import { type DummySwitch, startDummySwitch } from '../support/dummy-switch.js'
import { flowText } from '../support/grammar/flow.js'
import { groupText, meterText } from '../support/grammar/group.js'
import { versions } from '../support/sample-messages.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const seed = Number(process.env.SLUICE_SEED ?? 20_240_601)
const count = Number(process.env.SLUICE_SWITCH_FLOWS ?? 300)

let ovs: DummySwitch
test.before(async () => {
  ovs = await startDummySwitch()
  const options = [4, 8, 16, 12].map((len, i) => `{class=0xffff,type=${i},len=${len}}->tun_metadata${i}`)
  await ovs.tool('ovs-ofctl', 'add-tlv-map', ovs.bridge, options.join(','))
})
test.after.always(() => ovs?.stop())

/** Lines without what differs from one dump to the next. */
function lines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => / actions=|group_id=|meter=|^type=/.test(line))
    .sort()
}

/** What the switch makes of each message: true where it takes it. */
async function send(connection: OpenFlowConnection, messages: readonly Draft[]): Promise<boolean[]> {
  const refused = new Set<number>()
  const errors = connection.events.pipe(filter((message) => message.type === 'error'))
  const subscription = errors.subscribe(({ xid }) => refused.add(xid))
  const xids = messages.map((message) => connection.send(message))
  await connection.barrier()
  subscription.unsubscribe()
  return xids.map((xid) => !refused.has(xid))
}

/**
 * The texts that the tool takes and sends as the library does. It refuses few, and of some it writes bits outside of a
 * mask, which no switch takes; other tests see to it that these are all.
 */
async function sentAlike(
  texts: readonly string[],
  version: Version,
  file: string,
): Promise<readonly string[]> {
  if (texts.length === 0) return []
  writeFileSync(file, texts.join('\n'))
  const sent = await captureTool(version, ['add-flows'], file)
  if (sent.length === texts.length)
    return texts.filter((text, i) => sent[i]?.fill(0, 4, 8).toString('hex') === flowToHex(text, version))
  if (texts.length === 1) return []
  const middle = texts.length >> 1
  return [
    ...(await sentAlike(texts.slice(0, middle), version, file)),
    ...(await sentAlike(texts.slice(middle), version, file)),
  ]
}

async function ownFlows(connection: OpenFlowConnection): Promise<string[]> {
  const parts = await connection.multipart({ type: 'flowDescRequest' })
  return parts
    .flatMap(({ flows }) => flows.map((flow) => formatFlow({ ...flow, flags: decodeFlags(flow.flags) })))
    .sort()
}

for (const version of versions) {
  const ofctl = (...args: string[]) =>
    ovs.tool('ovs-ofctl', '--no-names', '-vconsole:off', '-O', `OpenFlow1${version - 1}`, ...args)
  const clear = async () => {
    for (const what of ['del-flows', 'del-groups', 'del-meters']) await ofctl(what, ovs.bridge)
  }
  const dump = async (what: string) => lines(await ofctl('--no-stats', what, ovs.bridge))
  const connect = async (t: { teardown(end: () => Promise<void>): void }) => {
    const connection = await dialOpenFlow(ovs.bridge, { versions: [version] })
    t.teardown(() => connection.close())
    return connection
  }

  test.serial(`version ${version}: flows of the grammar are the same in a switch`, async (t) => {
    const connection = await connect(t)
    t.teardown(clear)
    await ofctl('add-meter', ovs.bridge, 'meter=1 pktps band=type=drop,rate=1')
    await ofctl('add-group', ovs.bridge, 'group_id=7,type=all')
    const drawn = fc
      .sample(flowText, { numRuns: count, seed: seed + version })
      .map((text, i) => `table=${i % 200},priority=${i + 1},${text}`)
    const directory = await temporaryDirectory(t)
    const texts = await sentAlike(drawn, version, join(directory, 'drawn'))
    t.true(texts.length > 0.7 * drawn.length, `seed ${seed}: ${texts.length} are sent as the tool sends them`)
    const flows = texts.map((text) => {
      const { flags, ...flow } = parseFlow(text)
      return { type: 'flowMod', command: 'add', ...flow, flags: encodeFlags(flags) } as const
    })
    const taken = await send(connection, flows)
    const known = texts.filter((_, i) => taken[i])
    t.true(known.length > 0.6 * texts.length, `seed ${seed}: ${known.length} of ${texts.length} are taken`)
    const byOwn = await dump('dump-flows')
    t.is(byOwn.length, known.length)
    t.deepEqual(await ownFlows(connection), byOwn)
    await ofctl('del-flows', ovs.bridge)
    const file = join(directory, 'flows')
    writeFileSync(file, known.join('\n'))
    await ofctl('add-flows', ovs.bridge, file)
    t.deepEqual(await dump('dump-flows'), byOwn)
  })

  test.serial(`version ${version}: groups of the grammar are the same in a switch`, async (t) => {
    const connection = await connect(t)
    t.teardown(clear)
    const texts = fc
      .sample(groupText(version), { numRuns: 100, seed: seed + version })
      .map((text, i) => `group_id=${i + 1},${text}`)
    const taken = await send(
      connection,
      texts.map((text) => parseGroupMod(text)),
    )
    const known = texts.filter((_, i) => taken[i])
    t.true(known.length > 0.6 * texts.length, `seed ${seed}: ${known.length} of ${texts.length} are taken`)
    const byOwn = await dump('dump-groups')
    t.is(byOwn.length, known.length)
    const parts = await connection.multipart({ type: 'groupDescRequest' })
    t.deepEqual(lines(parts.map((part) => formatMessage({ ...part, xid: 0 }, version)).join('')), byOwn)
    await ofctl('del-groups', ovs.bridge)
    const file = join(await temporaryDirectory(t), 'groups')
    writeFileSync(file, known.join('\n'))
    await ofctl('add-groups', ovs.bridge, file)
    t.deepEqual(await dump('dump-groups'), byOwn)
  })

  test.serial(`version ${version}: meters of the grammar are the same in a switch`, async (t) => {
    const connection = await connect(t)
    t.teardown(clear)
    const texts = fc
      .sample(meterText, { numRuns: 30, seed: seed + version })
      .map((text, i) => `meter=${i + 1} ${text}`)
    const taken = await send(
      connection,
      texts.map((text) => ({ type: 'meterMod', command: 'add', ...parseMeter(text) }) as const),
    )
    t.deepEqual(
      texts.filter((_, i) => !taken[i]),
      [],
    )
    const byOwn = await dump('dump-meters')
    const parts = await connection.multipart({ type: 'meterConfigRequest', meter: 0xffffffff })
    t.deepEqual(lines(parts.map((part) => formatMessage({ ...part, xid: 0 }, version)).join('')), byOwn)
    t.true(byOwn.length >= 2 * texts.length)
    await ofctl('del-meters', ovs.bridge)
    for (const text of texts) await ofctl('add-meter', ovs.bridge, text)
    t.deepEqual(await dump('dump-meters'), byOwn)
  })
}
