import type { Atom, AtomInput, AtomKind, Atoms, Column, Columns, Row, Value } from './column.js'
import { ProtocolError, ValueError } from './errors.js'
import { isArray, isObject, type Json } from './json.js'
import { showJson } from './json-value.js'
import { isUuid, NamedUuid, uuid } from './uuid.js'

/** The notation of RFC 7047 §5.1: JSON on the wire, JavaScript values here. */

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/**
 * An <atom> as the declared type.
 * @throws ProtocolError when it is of another type, ValueError when it is an integer too large for `integer`
 */
export function decodeAtom<K extends AtomKind>(kind: K, json: Json): Atoms[K]
export function decodeAtom(kind: AtomKind, json: Json): Atom {
  switch (kind) {
    case 'string':
      if (typeof json === 'string') return json
      break
    case 'boolean':
      if (typeof json === 'boolean') return json
      break
    case 'integer':
      if (Number.isSafeInteger(json)) return Number(json)
      if (typeof json === 'bigint')
        throw new ValueError(`${json} does not fit a number: declare the column bigint`)
      break
    case 'bigint':
      if (typeof json === 'bigint' || Number.isSafeInteger(json))
        return BigInt(Number.isSafeInteger(json) ? Number(json) : String(json))
      break
    case 'real':
      if (typeof json === 'number' || typeof json === 'bigint') return Number(json)
      break
    case 'uuid':
      if (isArray(json) && json.length === 2 && json[0] === 'uuid' && isUuid(json[1])) return json[1]
      break
  }
  throw new ProtocolError(`expected ${kind}, got ${describe(json)}`)
}

/**
 * A <value> as its column declares it. A set of one may come bare.
 * @throws ProtocolError, ValueError
 */
export function decodeValue<C extends Column>(column: C, json: Json): Value<C>
export function decodeValue(column: Column, json: Json): Value {
  if (column.shape === 'map') {
    return new Map(
      elements('map', json).map((pair) => {
        if (!isArray(pair) || pair.length !== 2)
          throw new ProtocolError(`expected a pair, got ${describe(pair)}`)
        const [key = null, value = null] = pair
        return [decodeAtom(column.key, key), decodeAtom(column.value, value)]
      }),
    )
  }
  if (column.shape === 'scalar') return decodeAtom(column.key, json)
  const atoms = (isTagged('set', json) ? elements('set', json) : [json]).map((atom) =>
    decodeAtom(column.key, atom),
  )
  if (column.shape === 'set') return new Set(atoms)
  if (atoms.length > 1) throw new ProtocolError(`expected at most one ${column.key}, got ${atoms.length}`)
  return atoms[0]
}

/**
 * The declared columns that are present in a <row>.
 * @throws ProtocolError, ValueError; the message names the column
 */
export function decodeColumns(columns: Columns, json: Json): Partial<Record<string, Value>> {
  if (!isObject(json)) throw new ProtocolError(`expected a row, got ${describe(json)}`)
  const row: Partial<Record<string, Value>> = {}
  for (const [name, value] of Object.entries(json)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined
    if (column) row[name] = inColumn(name, () => decodeValue(column, value))
  }
  return row
}

/**
 * A whole <row> with its `_uuid`, as `select` returns it. Optional columns that are empty are present as undefined.
 * @throws ProtocolError when a declared column is missing
 */
export function decodeRow<C extends Columns>(columns: C, json: Json): Row<C> {
  const row = decodeColumns({ ...columns, _uuid: { shape: 'scalar', key: 'uuid' } }, json)
  const missing = ['_uuid', ...Object.keys(columns)].find((name) => !(name in row))
  if (missing !== undefined) throw new ProtocolError(`a row lacks its column ${missing}`)
  return row as Row<C>
}

/**
 * The <atom> for a value.
 * @throws ValueError when it is not of the kind
 */
export function encodeAtom(kind: AtomKind, atom: AtomInput): Json {
  switch (kind) {
    case 'string':
    case 'boolean':
      if (typeof atom === kind && typeof atom !== 'object') return atom
      break
    case 'integer':
      if (typeof atom === 'number' && Number.isSafeInteger(atom)) return atom
      break
    case 'bigint':
      if (typeof atom === 'bigint' && atom >= INT64_MIN && atom <= INT64_MAX) return atom
      break
    case 'real':
      if (typeof atom === 'number' && Number.isFinite(atom)) return atom
      break
    case 'uuid':
      if (atom instanceof NamedUuid) return ['named-uuid', atom.name]
      if (typeof atom === 'string') return ['uuid', uuid(atom)]
      break
  }
  throw new ValueError(`${describeInput(atom)} is not of type ${kind}`)
}

/**
 * The <value> for what a column takes: an atom, undefined for none, an array or Set, a Map or record.
 * @throws ValueError
 */
export function encodeValue(column: Column, input: unknown): Json {
  switch (column.shape) {
    case 'scalar':
      return encodeAtom(column.key, input as AtomInput)
    case 'optional':
      return input === undefined ? ['set', []] : encodeAtom(column.key, input as AtomInput)
    case 'set':
      return encodeSet(column.key, input)
    case 'map': {
      if (typeof input !== 'object' || input === null)
        throw new ValueError(`${describeInput(input)} is not a map`)
      const entries: Iterable<[unknown, unknown]> = input instanceof Map ? input : Object.entries(input)
      const pairs = Array.from(entries, ([key, value]) => [
        encodeAtom(column.key, key as AtomInput),
        encodeAtom(column.value, value as AtomInput),
      ])
      return ['map', pairs]
    }
  }
}

/**
 * A <set> of atoms.
 * @throws ValueError
 */
export function encodeSet(kind: AtomKind, input: unknown): Json {
  if (!Array.isArray(input) && !(input instanceof Set))
    throw new ValueError(`${describeInput(input)} is not a set`)
  return ['set', Array.from<AtomInput, Json>(input, (atom) => encodeAtom(kind, atom))]
}

/** Runs something about one column; errors then name the column. */
export function inColumn<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof ValueError) throw new ValueError(`column ${name}: ${cause.message}`, { cause })
    if (cause instanceof ProtocolError) throw new ProtocolError(`column ${name}: ${cause.message}`, { cause })
    throw cause
  }
}

function isTagged(tag: string, json: Json): boolean {
  return isArray(json) && json.length === 2 && json[0] === tag
}

function elements(tag: 'set' | 'map', json: Json): readonly Json[] {
  if (isArray(json) && json.length === 2 && json[0] === tag && isArray(json[1])) return json[1]
  throw new ProtocolError(`expected a ${tag}, got ${describe(json)}`)
}

function describe(json: Json): string {
  return typeof json === 'bigint' ? String(json) : showJson(json).slice(0, 80)
}

/** An object may have no text of its own, or one that throws. */
function describeInput(input: unknown): string {
  return typeof input === 'object' ? Object.prototype.toString.call(input) : String(input)
}
