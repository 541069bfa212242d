import test from 'ava'
import { encodedMods } from '../../src/datapath/encoded-mods.js'
import { decodeMessage, encodeFlowMod } from '../../src/openflow/index.js'
import { cookieOf, instructionsOf, keyParts } from '../../src/pipeline/flow.js'
import { Cluster, twoTenants } from '../support/cluster.js'

const flows = new Cluster()
  .commit(...twoTenants)
  .flows('h1')
  .map(([key, content]) => ({ key, content }))

test('what is put together of the two strings of a flow is what their parts make', (t) => {
  t.true(flows.length > 100)
  for (const { key, content } of flows) {
    const { match: matchBytes, ...place } = keyParts(key)
    const put = {
      command: 'add',
      cookie: cookieOf(content),
      instructionBytes: instructionsOf(content),
    } as const
    const removed = { command: 'deleteStrict', cookie: 0n, instructionBytes: Buffer.alloc(0) } as const
    t.deepEqual(
      [...encodedMods([{ key, content }, { key }], 6)],
      [put, removed].map((parts) => encodeFlowMod({ ...place, matchBytes, ...parts }, 6)),
    )
  }
})

test('a session of an older version is told of the same flows', (t) => {
  const told = (version: 5 | 6) =>
    Array.from(encodedMods(flows, version), (bytes) => {
      const message = decodeMessage(bytes, version)
      // Where meters stand among actions differs.
      return message.type === 'flowMod' && { ...message, actions: message.actions.length }
    })
  t.deepEqual(told(5), told(6))
})
