/** `sluice wire` as a program, against the installed tool. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { encodeMessage } from '../../src/openflow/index.js'
import { actionTexts, matchTexts } from '../support/flow-texts.js'
import { sampleMessages, versions } from '../support/sample-messages.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const bin = fileURLToPath(new URL('../../../bin/sluice', import.meta.url))

function run(program: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input, maxBuffer: 1 << 26 })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}

test('decode of many lines is ofp-print of each', (t) => {
  const hex = versions.flatMap((version) =>
    sampleMessages(version)
      .filter(({ type }) => type === 'flowMod' || type === 'groupMod' || type === 'flowDescReply')
      .map((message) => encodeMessage(message, version).toString('hex')),
  )
  t.true(hex.length > 10)
  const printed = hex.map((message) => run('ovs-ofctl', ['--no-names', 'ofp-print', message])).join('')
  t.is(run(bin, ['wire', 'decode'], hex.join('\n')), printed)
})

/** Lines that are FLOW_MODs, whose transactions Open vSwitch counts. */
function flowMods(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('OFPT_FLOW_MOD'))
    .map((line) => line.replace(/xid=0x[0-9a-f]+/, 'xid=0'))
}

test('encode says what parse-flows says', async (t) => {
  const file = join(await temporaryDirectory(t), 'flows')
  const flows = [
    ...matchTexts.map((match) => `${match} actions=drop`),
    ...actionTexts.map((actions) => `actions=${actions}`),
  ].filter((text) => !/tun_metadata/i.test(text))
  writeFileSync(file, flows.join('\n'))
  for (const version of ['1.3', '1.4', '1.5']) {
    const protocol = `OpenFlow${version.replace('.', '')}`
    const theirs = run('ovs-ofctl', ['--no-names', '-O', protocol, 'parse-flows', file])
    const hex = run(bin, ['wire', 'encode', '--version', version], flows.join('\n'))
    const ours = run(bin, ['wire', 'decode'], hex)
    const [decoded, expected] = [flowMods(ours), flowMods(theirs)]
    t.is(decoded.length, flows.length)
    t.deepEqual(
      decoded.filter((line, i) => line !== expected[i]),
      expected.filter((line, i) => line !== decoded[i]),
    )
  }
})
