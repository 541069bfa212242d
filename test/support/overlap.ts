import { parseBlock } from '../../src/model/block.js'
import type { Action, Flow, Match } from '../../src/openflow/flow.js'

interface Bits {
  readonly value: bigint
  readonly mask: bigint
}

/** Whether some packet matches both; every field is taken for independent of every other. */
export function overlap(one: Match, other: Match): boolean {
  const [a, b] = [bitsOf(one), bitsOf(other)]
  for (const [field, { value, mask }] of a) {
    const also = b.get(field)
    if (also && ((value ^ also.value) & mask & also.mask) !== 0n) return false
  }
  return true
}

/** Pairs of flows of one table and priority that some packet matches both of and that want different things. */
export function* contradictions(flows: readonly Flow[]): Generator<readonly [Flow, Flow]> {
  const levels = new Map<string, Flow[]>()
  for (const flow of flows) {
    const level = `${flow.table}/${flow.priority}`
    for (const other of levels.get(level) ?? [])
      if (!sameConjunction(flow, other) && !sameActions(flow, other) && overlap(flow.match, other.match))
        yield [flow, other]
    levels.set(level, [...(levels.get(level) ?? []), flow])
  }
}

/** Parts of one conjunction are made to overlap. */
function sameConjunction(one: Flow, other: Flow): boolean {
  const id = conjunctionOf(one)
  return id !== undefined && id === conjunctionOf(other)
}

function conjunctionOf({ match, actions: [first] }: Flow): number | undefined {
  if (first?.type === 'conjunction') return first.id
  return typeof match.conjId === 'number' ? match.conjId : undefined
}

function sameActions(one: Flow, other: Flow): boolean {
  return text(one.actions) === text(other.actions)
}

function text(actions: readonly Action[]): string {
  return JSON.stringify(actions, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

function bitsOf(match: Match): ReadonlyMap<string, Bits> {
  return new Map(Object.entries(match).map(([field, value]) => [field, bits(value)]))
}

function bits(value: unknown): Bits {
  if (typeof value === 'object' && value !== null && 'value' in value && 'mask' in value)
    return { value: bits(value.value).value, mask: bits(value.mask).value }
  if (typeof value === 'number' || typeof value === 'bigint') return { value: BigInt(value), mask: -1n }
  if (typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(value))
    return { value: BigInt(`0x${value.replaceAll(':', '')}`), mask: -1n }
  if (typeof value !== 'string') throw new TypeError(`no value of a match: ${String(value)}`)
  const size = value.includes(':') ? 128 : 32
  const block = parseBlock(value.includes('/') ? value : `${value}/${size}`)
  return { value: block.bits, mask: ((1n << BigInt(block.length)) - 1n) << BigInt(size - block.length) }
}
