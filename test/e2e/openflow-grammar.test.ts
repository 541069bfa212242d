/**
 * Flows drawn from the whole grammar: what `ovs-ofctl parse-flows` understands, and what it reads in our bytes.
 * SLUICE_SEED and SLUICE_FLOWS choose which and how many.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { flowToHex, hexToText } from '../../src/openflow/index.js'
import { captureTool } from '../support/capture-tool.js'
import { flowText } from '../support/grammar/flow.js'
import { versions } from '../support/sample-messages.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const seed = Number(process.env.SLUICE_SEED ?? 20_240_601)
const count = Number(process.env.SLUICE_FLOWS ?? 400)

function ofctl(...args: string[]) {
  return spawnSync('ovs-ofctl', ['--no-names', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
}

function flowMods(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('OFPT_FLOW_MOD'))
    .map((line) => line.replace(/xid=0x[0-9a-f]+/, 'xid=0x0'))
}

/** What the tool makes of each text; undefined for one that it refuses, which fails a whole file of them. */
function parsed(texts: readonly string[], protocol: string, file: string): (string | undefined)[] {
  writeFileSync(file, texts.join('\n'))
  const { status, stdout } = ofctl('-O', protocol, 'parse-flows', file)
  if (status === 0) return flowMods(stdout)
  if (texts.length === 1) return [undefined]
  const middle = texts.length >> 1
  return [texts.slice(0, middle), texts.slice(middle)].flatMap((half) => parsed(half, protocol, file))
}

for (const version of versions) {
  const protocol = `OpenFlow1${version - 1}`
  test.serial(
    `${count} flows of the grammar in ${protocol} are read and written as the tool does`,
    async (t) => {
      const directory = await temporaryDirectory(t)
      const texts = fc.sample(flowText, { numRuns: count, seed: seed + version })
      const answers = parsed(texts, protocol, join(directory, 'flows'))
      t.is(answers.length, texts.length)
      const known = texts.flatMap((text, i) => {
        const tool = answers[i]
        // Nor does it send what it cannot read itself: Ethernet's fields in packets without them.
        return tool === undefined || /BAD_PREREQ|MATCH_INCONSISTENT/.test(tool)
          ? []
          : [{ text, tool, hex: flowToHex(text, version) }]
      })
      t.true(known.length > 0.9 * texts.length, `seed ${seed}: too many are refused`)
      const file = join(directory, 'messages')
      writeFileSync(file, Buffer.from(known.map(({ hex }) => hex).join(''), 'hex'))
      const read = flowMods(ofctl('ofp-parse', file).stdout)
      t.is(read.length, known.length, `seed ${seed}`)
      writeFileSync(join(directory, 'known'), known.map(({ text }) => text).join('\n'))
      const sent = await captureTool(version, ['add-flows'], join(directory, 'known'))
      t.is(sent.length, known.length)
      const wrong = known.flatMap(({ text, tool, hex }, i) => {
        // Where the tool does not write bits outside of a mask, its bytes are ours.
        const bytes = sent[i]?.fill(0, 4, 8).toString('hex')
        if (!tool.includes('OFPBMC_BAD_WILDCARDS') && bytes !== hex) return [{ text, tool: bytes, own: hex }]
        const own = hexToText(hex).trimEnd()
        // The tool writes bits outside of a mask, and then refuses what it wrote.
        if (tool.includes('OFPBMC_BAD_WILDCARDS') && /BAD_PREREQ|MATCH_INCONSISTENT/.test(read[i] ?? ''))
          return []
        const same = own === read[i] && (own === tool || tool.includes('OFPBMC_BAD_WILDCARDS'))
        return same ? [] : [{ text, tool, ofBytes: read[i], own }]
      })
      t.deepEqual(wrong.slice(0, 5), [], `seed ${seed}`)
    },
  )
}
