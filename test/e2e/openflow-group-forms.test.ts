/** Groups and meters in every form: the bytes are those that `ovs-ofctl` sends. */
import { readFileSync } from 'node:fs'
import test from 'ava'
import { type GroupCommand, parseGroupMod, parseMeterMod } from '../../src/openflow/flow.js'
import { EncodeError, encodeMessage, ParseError, type Version } from '../../src/openflow/index.js'
import { captureTool } from '../support/capture-tool.js'
import { versions } from '../support/sample-messages.js'

const refused = 'refused'

/** The tool's words, and what they are here. */
const commands: Readonly<Record<string, readonly [tool: readonly string[], command: GroupCommand]>> = {
  'add-group': [['add-group'], 'add'],
  'mod-group': [['mod-group'], 'modify'],
  'add-or-mod': [['--may-create', 'mod-group'], 'addOrModify'],
  'del-groups': [['del-groups'], 'delete'],
  'insert-buckets': [['insert-buckets'], 'insertBucket'],
  'remove-buckets': [['remove-buckets'], 'removeBucket'],
}

/** The message in hexadecimal, without its transaction id. */
function withoutXid(bytes: Buffer | undefined): string {
  return bytes === undefined ? refused : `${bytes.toString('hex', 0, 4)} ${bytes.toString('hex', 8)}`
}

function own(word: string, text: string, version: Version): string {
  try {
    const command = commands[word]?.[1]
    const message =
      command === undefined
        ? parseMeterMod(text, word === 'mod-meter' ? 'modify' : word === 'add-meter' ? 'add' : 'delete')
        : parseGroupMod(text, { command })
    return withoutXid(encodeMessage({ ...message, xid: 0 }, version))
  } catch (error) {
    if (error instanceof ParseError || error instanceof EncodeError) return refused
    throw error
  }
}

const lines = readFileSync('test/support/forms/groups.txt', 'utf8').split('\n')
const forms = lines.flatMap((line) => {
  const [, mark, word = '', text = ''] = /^(?:([!+]) )?([a-z-]+) (.*)$/.exec(line) ?? []
  return word === '' ? [] : [{ line, mark, word, text }]
})

for (const version of versions)
  test(`version ${version}: groups and meters are sent as the tool sends them`, async (t) => {
    t.true(forms.length > 100)
    for (const { line, mark, word, text } of forms) {
      // Changes of single buckets are new in OpenFlow 1.5.
      if (version !== 6 && word.endsWith('-buckets')) continue
      const [tool = [word]] = commands[word] ?? []
      const theirs = withoutXid((await captureTool(version, tool, ...(text === '' ? [] : [text])))[0])
      const ours = own(word, text, version)
      if (mark === undefined) t.is(ours, theirs, line)
      else t.deepEqual([ours === refused, theirs === refused], [mark === '!', mark === '+'], line)
    }
  })
