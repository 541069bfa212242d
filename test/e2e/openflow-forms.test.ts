/**
 * Every form in which flows are written, each as `ovs-ofctl parse-flow` takes it: the lists in test/support/forms say
 * where tool and library part, and why.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import {
  DecodeError,
  EncodeError,
  flowToHex,
  hexToText,
  ParseError,
  type Version,
} from '../../src/openflow/index.js'
import { captureTool } from '../support/capture-tool.js'
import { versions } from '../support/sample-messages.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const refused = 'refused'

/** What the tool makes of the flow; a message of which it says itself that it is wrong is none. */
function toolText(flow: string): string {
  const options = ['-vconsole:off', '--no-names', '-O', 'OpenFlow15', 'parse-flow', flow]
  const { status, stdout } = spawnSync('ovs-ofctl', options, { encoding: 'utf8' })
  const line = stdout.split('\n').find((text) => text.startsWith('OFPT_FLOW_MOD'))
  if (status !== 0 || line === undefined || line.includes('decode error')) return refused
  return line.replace(/xid=0x[0-9a-f]+/, 'xid=0x0')
}

/** Nothing for what is refused. */
function ownHex(flow: string, version: Version): string | undefined {
  try {
    return flowToHex(flow, version)
  } catch (error) {
    if (error instanceof ParseError || error instanceof EncodeError || error instanceof DecodeError)
      return undefined
    throw error
  }
}

function ownText(flow: string): string {
  const hex = ownHex(flow, 6)
  return hex === undefined ? refused : hexToText(hex).trimEnd()
}

/** What the mark before a form says of it. */
const marks: Readonly<Record<string, (own: string, tool: string) => boolean>> = {
  '': (own, tool) => own === tool,
  '!': (own, tool) => own === refused && tool !== refused,
  '+': (own, tool) => own !== refused && tool === refused,
}

const names = ['matches', 'actions'] as const

function formsOf(name: (typeof names)[number]): string[] {
  const lines = readFileSync(`test/support/forms/${name}.txt`, 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

for (const name of names)
  test(`forms of ${name} are taken as the tool takes them`, (t) => {
    const forms = formsOf(name)
    t.true(forms.length > 400)
    const wrong = forms.flatMap((line) => {
      const [, mark = '', flow = line] = /^([!+]) (.*)$/.exec(line) ?? []
      const [own, tool] = [ownText(flow), toolText(flow)]
      return marks[mark]?.(own, tool) ? [] : [{ line, own, tool }]
    })
    t.deepEqual(wrong, [])
  })

for (const version of versions)
  test(`version ${version}: every form that both take is the bytes that the tool sends`, async (t) => {
    const directory = await temporaryDirectory(t)
    const forms = names
      .flatMap(formsOf)
      .filter((line) => !/^[!+] /.test(line) && ownHex(line, version) !== undefined)
    t.true(forms.length > 800)
    const file = join(directory, 'flows')
    writeFileSync(file, forms.join('\n'))
    const sent = await captureTool(version, ['add-flows'], file)
    t.is(sent.length, forms.length)
    const wrong = forms.flatMap((line, i) => {
      const tool = sent[i]?.fill(0, 4, 8).toString('hex')
      const own = ownHex(line, version)
      return own === tool ? [] : [{ line, own, tool }]
    })
    t.deepEqual(wrong, [])
  })
