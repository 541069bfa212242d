/** Tables with lists of everything that they can do. */
import { fields } from '../../src/openflow/fields.js'
import { type TableFeatures, Writer } from '../../src/openflow/index.js'

/** Headers of type and length without a body: instructions, actions. */
function types(...numbers: readonly number[]): Buffer {
  const w = new Writer()
  for (const number of numbers) w.u32(number * 0x10000 + 4)
  return w.finish()
}

/** An extension's header: its owner and number follow. */
const extension = Buffer.from('ffff000c0000232000000007', 'hex')

const all = Object.values(fields)

/** Headers of fields; with the bit of the mask if `masked`. */
function headers(list: readonly (typeof all)[number][], masked = false): Buffer {
  const w = new Writer()
  for (const { headers, size } of list) {
    const [{ first, experimenter }] = headers
    const length = size + (experimenter === undefined ? 0 : 4)
    w.u32((first | (masked ? 0x100 + 2 * length : length)) >>> 0)
    if (experimenter !== undefined) w.u32(experimenter)
  }
  return w.finish()
}

const maskable = all.filter(
  ({ text, kind }) =>
    kind !== 'bytes' &&
    /^(x*reg|eth_(src|dst)$|ip_|metadata|tun_)/.test(text) &&
    !/frag|dscp|tun_(erspan|gtpu|gbp_flags)/.test(text),
)
const exact = all.filter((field) => !maskable.includes(field) && field.kind !== 'bytes')
const unknown = Buffer.from('fffe0004', 'hex')

const base: TableFeatures = {
  table: 0,
  command: 'replace',
  features: 0,
  name: 'classifier',
  metadataMatch: 0xffffffffffffffffn,
  metadataWrite: 0xffffffffffffffffn,
  capabilities: 0,
  maxEntries: 1_000_000,
  instructions: types(1, 4),
  nextTables: [1, 2, 3],
  writeActions: types(0),
  applyActions: types(0),
  match: Buffer.from('80000004', 'hex'),
  wildcards: Buffer.from('80000004', 'hex'),
  writeSetField: Buffer.from('80000606', 'hex'),
  applySetField: Buffer.from('80000606', 'hex'),
}

const rich: TableFeatures = {
  ...base,
  table: 1,
  name: '',
  capabilities: 12,
  nextTables: [2, 3, 5, 7, 8, 254],
  instructions: Buffer.concat([types(1, 2, 3, 4, 5, 6), extension]),
  writeActions: Buffer.concat([types(0, 11, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25), extension]),
  match: Buffer.concat([headers(maskable, true), headers(exact), unknown]),
  wildcards: headers([...maskable, ...exact.filter((_, i) => i % 3 > 0)]),
  writeSetField: headers(all.filter(({ text }) => /^reg|eth_src|eth_dst/.test(text))),
  applySetField: headers(all.filter(({ kind }) => kind !== 'bytes')),
}

/** One that differs in each thing from the one before, and several that do not differ. */
export const tableFeatures: readonly TableFeatures[] = [
  base,
  rich,
  { ...rich, table: 2, nextTables: [3, 5, 7, 8, 254] },
  { ...rich, table: 3, nextTables: [5, 7, 8, 254] },
  { ...rich, table: 9, name: 'same', nextTables: [5, 7, 8, 254] },
  { ...rich, table: 10, nextTables: [], nextTablesMiss: [11] },
  { ...rich, table: 11, nextTables: [], nextTablesMiss: [] },
  { ...rich, table: 12, nextTables: [], nextTablesMiss: [], maxEntries: 0 },
  {
    ...rich,
    table: 13,
    instructionsMiss: types(5),
    writeActionsMiss: types(),
    applyActionsMiss: types(0),
    writeSetFieldMiss: types(),
    applySetFieldMiss: headers(all.filter(({ text }) => /^tun/.test(text) && !/metadata/.test(text))),
  },
  {
    ...rich,
    table: 14,
    instructionsMiss: types(5),
    writeSetField: rich.applySetField ?? Buffer.alloc(0),
    writeActions: types(0),
  },
  {
    ...base,
    table: 15,
    metadataMatch: 0n,
    metadataWrite: 0n,
    maxEntries: 0,
    match: types(),
    wildcards: types(),
    writeSetField: types(),
    applySetField: types(),
    instructions: types(),
    writeActions: types(),
    applyActions: types(),
    nextTables: [],
  },
]
