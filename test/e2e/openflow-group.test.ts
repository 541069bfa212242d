/** Groups and meters: what is read from a text is what a switch makes of that text. */
import test, { type ExecutionContext } from 'ava'
import { parseGroup, parseMeter } from '../../src/openflow/flow.js'
import { dialOpenFlow, formatMessage, type Version } from '../../src/openflow/index.js'
import { type DummySwitch, startDummySwitch } from '../support/dummy-switch.js'
import { groupTexts, groupTexts15, meterTexts } from '../support/group-texts.js'
import { versions } from '../support/sample-messages.js'

let ovs: DummySwitch
test.before(async () => {
  ovs = await startDummySwitch()
})
test.after.always(() => ovs?.stop())

function lines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^ ?group_id=|^meter=/.test(line))
    .sort()
}

async function connect(t: ExecutionContext, version: Version) {
  const connection = await dialOpenFlow(ovs.bridge, { versions: [version] })
  t.teardown(() => connection.close())
  return connection
}

for (const version of versions) {
  const ofctl = (...args: string[]) =>
    ovs.tool('ovs-ofctl', '--no-names', '-O', `OpenFlow1${version - 1}`, ...args)

  test.serial(`version ${version}: groups from texts are those of add-group`, async (t) => {
    const texts = [...groupTexts, ...(version === 6 ? groupTexts15 : [])].map(
      (text, i) => `group_id=${i + 1},${text}`,
    )
    await ofctl('add-group', ovs.bridge, 'group_id=1000,type=all')
    for (const text of texts) await ofctl('add-group', ovs.bridge, text)
    const theirs = lines(await ofctl('dump-groups', ovs.bridge))
    const printed = formatMessage(
      { type: 'groupDescReply', xid: 0, groups: texts.map((text) => parseGroup(text)) },
      version,
    )
    t.deepEqual(
      lines(printed),
      theirs.filter((line) => !line.includes('group_id=1000')),
    )
    await ofctl('del-groups', ovs.bridge)
    const connection = await connect(t, version)
    await connection.apply([
      { type: 'groupMod', command: 'add', ...parseGroup('group_id=1000,type=all') },
      ...texts.map((text) => ({ type: 'groupMod', command: 'add', ...parseGroup(text) }) as const),
    ])
    t.deepEqual(lines(await ofctl('dump-groups', ovs.bridge)), theirs)
    for (const line of theirs) {
      await connection.apply([{ type: 'groupMod', command: 'modify', ...parseGroup(line) }])
    }
    t.deepEqual(lines(await ofctl('dump-groups', ovs.bridge)), theirs)
    await ofctl('del-groups', ovs.bridge)
  })

  test.serial(`version ${version}: meters from texts are those of add-meter`, async (t) => {
    const texts = meterTexts.map((text, i) => `meter=${i + 1} ${text}`)
    for (const text of texts) await ofctl('add-meter', ovs.bridge, text)
    const theirs = await ofctl('dump-meters', ovs.bridge)
    t.is(lines(theirs).length, texts.length)
    await ofctl('del-meters', ovs.bridge)
    const connection = await connect(t, version)
    await connection.apply(
      texts.map((text) => ({ type: 'meterMod', command: 'add', ...parseMeter(text) }) as const),
    )
    const plain = (text: string) => text.replace(/xid=0x[0-9a-f]+/, '')
    t.is(plain(await ofctl('dump-meters', ovs.bridge)), plain(theirs))
    await ofctl('del-meters', ovs.bridge)
  })
}
