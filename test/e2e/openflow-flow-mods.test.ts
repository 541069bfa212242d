/** Changes of flows in every form, each as the tool sends it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { EncodeError, flowToHex, ParseError, type Version } from '../../src/openflow/index.js'
import { captureTool } from '../support/capture-tool.js'
import { versions } from '../support/sample-messages.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const refused = 'refused'

function own(text: string, version: Version): string {
  try {
    return flowToHex(text, version)
  } catch (error) {
    if (error instanceof ParseError || error instanceof EncodeError) return refused
    throw error
  }
}

const lines = readFileSync('test/support/forms/flow-mods.txt', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

for (const version of versions)
  test(`version ${version}: lines of add-flows are sent as the tool sends them`, async (t) => {
    const file = join(await temporaryDirectory(t), 'flows')
    t.true(lines.length > 60)
    const wrong = []
    for (const line of lines) {
      const [, mark, text = line] = /^(!) (.*)$/.exec(line) ?? []
      writeFileSync(file, text)
      const [bytes] = await captureTool(version, ['add-flows'], file)
      const tool = bytes?.fill(0, 4, 8).toString('hex') ?? refused
      const ours = own(text, version)
      if (mark === undefined ? ours !== tool : ours !== refused || tool === refused)
        wrong.push({ line, ours, tool })
    }
    t.deepEqual(wrong, [])
  })
