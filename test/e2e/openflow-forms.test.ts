/**
 * Every form in which flows are written, each as `ovs-ofctl parse-flow` takes it: the lists in test/support/forms say
 * where tool and library part, and why.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import test from 'ava'
import { DecodeError, EncodeError, flowToHex, hexToText, ParseError } from '../../src/openflow/index.js'

const refused = 'refused'

/** What the tool makes of the flow; a message of which it says itself that it is wrong is none. */
function toolText(flow: string): string {
  const options = ['-vconsole:off', '--no-names', '-O', 'OpenFlow15', 'parse-flow', flow]
  const { status, stdout } = spawnSync('ovs-ofctl', options, { encoding: 'utf8' })
  const line = stdout.split('\n').find((text) => text.startsWith('OFPT_FLOW_MOD'))
  if (status !== 0 || line === undefined || line.includes('decode error')) return refused
  return line.replace(/xid=0x[0-9a-f]+/, 'xid=0x0')
}

function ownText(flow: string): string {
  try {
    return hexToText(flowToHex(flow, 6)).trimEnd()
  } catch (error) {
    if (error instanceof ParseError || error instanceof EncodeError || error instanceof DecodeError)
      return refused
    throw error
  }
}

/** What the mark before a form says of it. */
const marks: Readonly<Record<string, (own: string, tool: string) => boolean>> = {
  '': (own, tool) => own === tool,
  '!': (own, tool) => own === refused && tool !== refused,
  '+': (own, tool) => own !== refused && tool === refused,
  '~': (own, tool) => own !== refused && tool !== refused && own !== tool,
}

for (const name of ['matches', 'actions'])
  test(`forms of ${name} are taken as the tool takes them`, (t) => {
    const lines = readFileSync(`test/support/forms/${name}.txt`, 'utf8').split('\n')
    const forms = lines.filter((line) => line !== '' && !line.startsWith('#'))
    t.true(forms.length > 400)
    const wrong = forms.flatMap((line) => {
      const [, mark = '', flow = line] = /^([!+~]) (.*)$/.exec(line) ?? []
      const [own, tool] = [ownText(flow), toolText(flow)]
      return marks[mark]?.(own, tool) ? [] : [{ line, own, tool }]
    })
    t.deepEqual(wrong, [])
  })
