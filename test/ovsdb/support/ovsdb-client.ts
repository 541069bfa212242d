import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { AtomKind, Column } from '../../../src/ovsdb/index.js'
import { tables } from './every-type.js'

/** Open vSwitch's own client, and the notation of RFC 7047 §5.1 read and written without the code under test. */

const run = promisify(execFile)

/** What `ovsdb-client` prints. */
export async function ovsdbClient(...args: readonly string[]): Promise<string> {
  return (await run('ovsdb-client', args, { maxBuffer: 2 ** 26 })).stdout
}

/** A number of a JSON text, digit by digit. */
class Digits {
  constructor(readonly text: string) {}
}

const mark = '\u0000'

/** A JSON text in which numbers are kept as they are written. */
export function exactly(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(mark + token),
  )
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? new Digits(value.slice(mark.length)) : value,
  )
}

/** The declared columns of a row on the wire, each as a text that is the same for the same value. */
export function canonicalWire(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(columns.map(([name, column]) => [name, wireValue(column, row[name])]))
}

/** The same of a row as this library reads or takes it. */
export function canonicalValues(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(columns.map(([name, column]) => [name, value(column, row[name])]))
}

/** The <row> for values, as a JSON text with every character of a string escaped. */
export function wireText(row: Readonly<Record<string, unknown>>): string {
  return `{${columns.map(([name, column]) => `"${name}":${valueText(column, row[name])}`).join()}}`
}

const columns: readonly (readonly [string, Column])[] = Object.entries(tables.T)

function wireValue(column: Column, json: unknown): readonly string[] {
  const [tag, content] = Array.isArray(json) ? json : []
  if (column.shape === 'map') {
    if (tag !== 'map') throw new Error(`${JSON.stringify(json)} is not a map`)
    const pairs: readonly (readonly [unknown, unknown])[] = content
    return pairs.map(([key, of]) => wireAtom(column.key, key) + wireAtom(column.value, of)).sort()
  }
  const atoms: readonly unknown[] = tag === 'set' ? content : [json]
  return atoms.map((atom) => wireAtom(column.key, atom)).sort()
}

function wireAtom(kind: AtomKind, json: unknown): string {
  if (kind === 'uuid' && Array.isArray(json)) return `<${json.join(' ')}>`
  if (json instanceof Digits) return kind === 'real' ? `<${Number(json.text)}>` : `<${BigInt(json.text)}>`
  return JSON.stringify(json)
}

function value(column: Column, of: unknown): readonly string[] {
  if (of === undefined) return []
  if (column.shape === 'map' && of instanceof Map)
    return Array.from(of, ([key, to]) => atom(column.key, key) + atom(column.value, to)).sort()
  const atoms: Iterable<unknown> = of instanceof Set || Array.isArray(of) ? of : [of]
  return Array.from(atoms, (member) => atom(column.key, member)).sort()
}

function atom(kind: AtomKind, of: unknown): string {
  if (kind === 'uuid') return `<uuid ${of}>`
  return kind === 'string' || kind === 'boolean' ? JSON.stringify(of) : `<${of}>`
}

function valueText(column: Column, of: unknown): string {
  if (of instanceof Map && column.shape === 'map') {
    const pairs = Array.from(
      of,
      ([key, to]) => `[${atomText(column.key, key)},${atomText(column.value, to)}]`,
    )
    return `["map",[${pairs}]]`
  }
  if (of === undefined) return '["set",[]]'
  return Array.isArray(of)
    ? `["set",[${of.map((member) => atomText(column.key, member))}]]`
    : atomText(column.key, of)
}

function atomText(kind: AtomKind, of: unknown): string {
  if (kind === 'uuid') return `["uuid","${of}"]`
  if (kind !== 'string') return String(of)
  const units = Array.from({ length: String(of).length }, (_, at) => String(of).charCodeAt(at))
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
}
