/** Meters as `ovs-ofctl add-meter` takes them and `dump-meters` writes them. */
import type { MessageBy } from '../message.js'
import { type MeterBand, type MeterConfig, MeterFlag, MeterId } from '../messages/meter.js'
import { cut, fail, type Item, items, type Piece, parseNumber } from './piece.js'

const specials: ReadonlyMap<string, number> = new Map([
  ['all', MeterId.all],
  ['controller', MeterId.controller],
  ['slowpath', MeterId.slowpath],
])

const flagBits: ReadonlyMap<string, number> = new Map(Object.entries(MeterFlag))

function parseMeterId(piece: Piece): number {
  const special = specials.get(piece.text)
  if (special !== undefined) return special
  const meter = parseNumber(piece, 32)
  return meter > 0 && meter <= MeterId.max ? meter : fail('bad-value', piece, 'is no meter')
}

/** The items of one band; the first says its type. */
function parseBand(list: readonly Item[], flags: number): MeterBand {
  const found = new Map(list.map((part) => [part.key.text, part.value]))
  const [type] = list
  if (type === undefined) throw new TypeError('a band begins with its type')
  for (const { key } of list)
    if (!bandWords.has(key.text)) fail('unknown-field', key, 'is no property of a band')
  const number = (name: string, bits: number): number => {
    const piece = found.get(name)
    const value = piece === undefined ? 0 : parseNumber(piece, bits)
    return value > 0 ? value : fail('missing', type.whole, `needs ${name}`)
  }
  const rate = number('rate', 32)
  const burstSize = found.get('burst_size')
  if ((flags & MeterFlag.burst) === 0 && burstSize !== undefined && parseNumber(burstSize, 32) > 0)
    fail('conflict', burstSize, 'needs the flag burst')
  const burst = (flags & MeterFlag.burst) === 0 ? 0 : number('burst_size', 32)
  const level = found.get('prec_level')
  switch (type.value.text) {
    case 'drop':
      if (level !== undefined && parseNumber(level, 8) > 0) fail('conflict', level, 'is for dscp_remark')
      return { type: 'drop', rate, burst }
    case 'dscp_remark':
      return { type: 'dscpRemark', rate, burst, precedence: number('prec_level', 8) }
    default:
      return fail('bad-value', type.value, 'is no type of a band')
  }
}

const bandWords: ReadonlySet<string> = new Set(['type', 'rate', 'burst_size', 'prec_level'])

function parseBands(piece: Piece, flags: number): MeterBand[] {
  const bands: Item[][] = []
  for (const part of items(piece)) {
    if (part.key.text === 'type') bands.push([part])
    else (bands.at(-1) ?? fail('syntax', part.key, 'stands before the type of a band')).push(part)
  }
  if (bands.length === 0) fail('missing', piece, 'has no bands')
  return bands.map((band) => parseBand(band, flags))
}

/**
 * Reads a meter as `meter=1 pktps burst stats bands=type=drop rate=100 burst_size=10`.
 * @throws ParseError
 */
export function parseMeter(text: string): MeterConfig {
  const whole: Piece = { text, at: 0 }
  const start = /bands?\s*=/.exec(text) ?? fail('missing', whole, 'has no bands')
  let flags = 0
  let meter: number | undefined
  for (const { key, value } of items(cut(whole, 0, start.index))) {
    const bit = flagBits.get(key.text)
    if (bit !== undefined) flags |= bit
    else if (key.text === 'meter') meter = parseMeterId(value)
    else fail('unknown-field', key, 'is no property of a meter')
  }
  if (meter === undefined) fail('missing', whole, 'has no meter')
  if (flags === 0) fail('missing', whole, 'needs kbps or pktps')
  return { flags, meter, bands: parseBands(cut(whole, start.index + start[0].length), flags) }
}

/** A meter_mod without its transaction id. */
export type MeterMod = Omit<MessageBy<'meterMod'>, 'xid'>

/** Just `meter=1`; nothing is all meters. */
function parseDelete(whole: Piece): MeterMod {
  let meter: number | undefined
  for (const { key, value } of items(whole)) {
    if (key.text !== 'meter') fail('unknown-field', key, 'is not needed')
    meter = parseMeterId(value)
  }
  if (meter === undefined && whole.text !== '') fail('missing', whole, 'has no meter')
  return { type: 'meterMod', command: 'delete', meter: meter ?? MeterId.all, bands: [] }
}

/**
 * Reads what `ovs-ofctl add-meter`, `mod-meter` and `del-meter` take; nothing at all is all meters, to delete.
 * @param command what is to be done
 * @throws ParseError
 */
export function parseMeterMod(text: string, command: 'add' | 'modify' | 'delete'): MeterMod {
  if (command === 'delete') return parseDelete(cut({ text, at: 0 }, 0))
  return { type: 'meterMod', command, ...parseMeter(text) }
}
