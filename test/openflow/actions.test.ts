import test from 'ava'
import fc from 'fast-check'
import { DecodeError, EncodeError, Reader, Writer } from '../../src/openflow/bytes.js'
import {
  type Action,
  decodeActions,
  decodeInstructions,
  decodeMatch,
  encodeActions,
  encodeInstructions,
  formatActions,
  parseFlow,
  type Version,
} from '../../src/openflow/flow.js'
import { actionTexts, flowTexts } from '../support/flow-texts.js'
import { actionValues } from '../support/flow-values.js'

function instructions(actions: readonly Action[], version: Version = 6): Buffer {
  const w = new Writer()
  encodeInstructions(w, actions, version)
  return w.finish()
}

const lists: readonly (readonly Action[])[] = [
  ...actionValues,
  ...actionTexts.map((text) => parseFlow(`actions=${text}`).actions),
  ...flowTexts.map((text) => parseFlow(text).actions),
]

test('every list decodes to one that encodes to the same bytes', (t) => {
  for (const actions of lists)
    for (const version of [4, 5, 6] as const) {
      const bytes = instructions(actions, version)
      t.is(
        instructions(decodeInstructions(new Reader(bytes), version), version).toString('hex'),
        bytes.toString('hex'),
      )
    }
})

test('a load is a set-field in OpenFlow 1.5 and stays a load before', (t) => {
  const load: Action = { type: 'load', value: 1n, dst: { field: 'reg0', offset: 0, bits: 32 } }
  const back = (version: Version): Action[] =>
    decodeInstructions(new Reader(instructions([load], version)), version)
  t.deepEqual(back(6), [{ type: 'setField', field: 'reg0', value: 1 }])
  t.deepEqual(back(5), [load])
})

test('meters are actions in OpenFlow 1.5 and come first before', (t) => {
  const actions: readonly Action[] = [
    { type: 'output', port: 1 },
    { type: 'meter', meter: 7 },
  ]
  t.is(formatActions(decodeInstructions(new Reader(instructions(actions, 6)), 6)), 'output:1,meter:7')
  t.is(formatActions(decodeInstructions(new Reader(instructions(actions, 4)), 4)), 'meter:7,output:1')
})

test('instructions are written in the order of execution', (t) => {
  const actions: readonly Action[] = [
    { type: 'gotoTable', table: 9 },
    { type: 'clearActions' },
    { type: 'output', port: 1 },
  ]
  t.is(
    formatActions(decodeInstructions(new Reader(instructions(actions)), 6)),
    'output:1,clear_actions,goto_table:9',
  )
})

test('instructions cannot stand in a list of actions', (t) => {
  t.throws(() => encodeActions(new Writer(), [{ type: 'gotoTable', table: 1 }], 6), {
    instanceOf: EncodeError,
  })
})

test('actions that nobody knows survive, also for a field in them', (t) => {
  const bytes = Buffer.from(
    'ffff001000002320' +
      '7fff000000000000' +
      'ffff001012345678' +
      '0001000000000000' +
      '00190010' +
      '8000fe0400000001' +
      '00000000',
    'hex',
  )
  const actions = decodeActions(new Reader(bytes), 6)
  t.deepEqual(
    actions.map(({ type }) => type),
    ['unknown', 'unknown', 'unknown'],
  )
  const w = new Writer()
  encodeActions(w, actions, 6)
  t.is(w.view().toString('hex'), bytes.toString('hex'))
})

test('actions that nest without end are refused', (t) => {
  let bytes = Buffer.alloc(0)
  for (let depth = 0; depth < 3000; depth++) {
    const head = Buffer.from('ffff000000002320002a000000000000', 'hex')
    head.writeUInt16BE(bytes.length + 16, 2)
    bytes = Buffer.concat([head, bytes])
  }
  t.throws(() => decodeActions(new Reader(bytes), 6), { instanceOf: DecodeError })
})

function survives(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof DecodeError) return true
    throw error
  }
}

test('bytes with faults decode or are a decode error', (t) => {
  const samples = lists.map((actions) => instructions(actions)).filter((bytes) => bytes.length > 0)
  const faulty = fc
    .tuple(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(16),
    )
    .map(([bytes, faults, cut]) => {
      const copy = Buffer.from(bytes)
      for (const [at, value] of faults) copy[at % copy.length] = value
      return copy.subarray(0, Math.max(0, copy.length - (cut > 8 ? 0 : cut)))
    })
  fc.assert(
    fc.property(faulty, (bytes) => survives(() => decodeInstructions(new Reader(bytes), 6))),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) =>
      survives(() => decodeMatch(new Reader(Buffer.from(bytes)), 6)),
    ),
    { numRuns: 1000 },
  )
  t.true(samples.length > 100)
})
