import test from 'ava'
import {
  DecodeError,
  encodeFlowMod,
  encodeInstructions,
  encodeMatch,
  encodeMessage,
  multipartBody,
  scanFlowDescs,
  Writer,
} from '../../src/openflow/index.js'
import { sampleMessages, versions } from '../support/sample-messages.js'

for (const version of versions) {
  test(`a flow mod from encoded parts is the same as one from values, version ${version}`, (t) => {
    const mod = sampleMessages(version).find((message) => message.type === 'flowMod')
    if (mod?.type !== 'flowMod' || typeof mod.command === 'number') return t.fail('no sample')
    const match = new Writer()
    encodeMatch(match, mod.match, version)
    const instructions = new Writer()
    encodeInstructions(instructions, mod.actions, version)
    const { command, xid, table, priority = 0, cookie = 0n, idleTimeout = 0, flags = 0, importance = 0 } = mod
    const rest = {
      idleTimeout,
      flags,
      importance,
      matchBytes: match.view(),
      instructionBytes: instructions.view(),
    }
    t.deepEqual(
      encodeFlowMod({ command, table, priority, cookie, ...rest }, version, xid),
      encodeMessage(mod, version),
    )
  })

  test(`scanning flows gives what decoding gives, version ${version}`, (t) => {
    const reply = sampleMessages(version).find((message) => message.type === 'flowDescReply')
    if (reply?.type !== 'flowDescReply') return t.fail('no sample')
    const scanned = [...scanFlowDescs(multipartBody(encodeMessage(reply, version)), version)]
    t.is(scanned.length, 1)
    const [flow] = reply.flows
    const [raw] = scanned
    if (flow === undefined || raw === undefined) return t.fail('no flow')
    const { match, actions, stats, ...fixed } = flow
    const { matchBytes, instructionBytes, ...rest } = raw
    t.deepEqual<object, object>(rest, { ...fixed, ...stats })
    const w = new Writer()
    encodeMatch(w, match, version)
    t.deepEqual(matchBytes, w.finish())
    w.truncate(0)
    encodeInstructions(w, actions, version)
    t.deepEqual(instructionBytes, w.finish())
  })
}

for (const version of versions)
  test(`damaged flows scan or are a DecodeError, version ${version}`, (t) => {
    const reply = sampleMessages(version).find((message) => message.type === 'flowDescReply')
    if (reply?.type !== 'flowDescReply') return t.fail('no sample')
    const bytes = encodeMessage(reply, version)
    let refused = 0
    for (let bit = 128; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      for (const part of [damaged, bytes.subarray(0, bit >> 3)])
        try {
          for (const { matchBytes } of scanFlowDescs(multipartBody(part), version))
            t.true(matchBytes.length > 0)
        } catch (error) {
          t.true(error instanceof DecodeError)
          refused++
        }
    }
    t.true(refused > 0)
  })
