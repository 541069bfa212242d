/** A CIDR block as numbers. */
export interface Block {
  readonly family: 4 | 6
  /** The address, with zeros behind the prefix. */
  readonly bits: bigint
  /** Prefix length. */
  readonly length: number
}

/** Count of bits of an address. */
export const addressBits = { 4: 32, 6: 128 } as const

/** A canonical CIDR block (RFC 4632 §3.1, RFC 4291 §2.3) as numbers. */
export function parseBlock(cidr: string): Block {
  const slash = cidr.indexOf('/')
  const address = cidr.slice(0, slash)
  const length = Number(cidr.slice(slash + 1))
  return { family: address.includes(':') ? 6 : 4, bits: addressNumber(address), length }
}

/** The bits of an address of either family (RFC 4291 §2.2), which has to be one. */
export function addressNumber(address: string): bigint {
  if (address.includes(':')) return bits6(address)
  // In plain numbers, which is fast: there can be thousands.
  return BigInt(address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0))
}

/** A block as text; an IPv6 address has all its groups. */
export function formatBlock({ family, bits, length }: Block): string {
  const [count, size] = family === 4 ? [4, 8] : [8, 16]
  const parts = Array.from({ length: count }, (_, n) =>
    Number((bits >> BigInt(size * (count - 1 - n))) & ((1n << BigInt(size)) - 1n)),
  )
  const address = family === 4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':')
  return `${address}/${length}`
}

/** Whether all addresses of `inner` are in `outer`. */
export function contains(outer: Block, inner: Block): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false
  const rest = BigInt(addressBits[outer.family] - outer.length)
  return outer.bits >> rest === inner.bits >> rest
}

/** A canonical address or CIDR block as numbers. */
export function parseBlockOrAddress(text: string): Block {
  return parseBlock(text.includes('/') ? text : `${text}/${addressBits[text.includes(':') ? 6 : 4]}`)
}

/** Whether an address or block, as text, has all of another. */
export function covers(outer: string, inner: string): boolean {
  return outer === inner || (outer.includes('/') && contains(parseBlock(outer), parseBlockOrAddress(inner)))
}

/** The fewest blocks that hold what is in `block` and in none of `except`. */
export function subtract(block: Block, except: readonly Block[]): readonly Block[] {
  if (except.some((hole) => contains(hole, block))) return []
  const holes = except.filter((hole) => contains(block, hole))
  if (holes.length === 0) return [block]
  const length = block.length + 1
  const half = 1n << BigInt(addressBits[block.family] - length)
  return [block.bits, block.bits + half].flatMap((bits) => subtract({ ...block, bits, length }, holes))
}

function bits6(address: string): bigint {
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').flatMap(dotted))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const gap = Array<number>(8 - left.length - right.length).fill(0)
  return [...left, ...gap, ...right].reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)
}

/** One group of an IPv6 address, or the two that a dotted tail stands for. */
function dotted(group: string): readonly number[] {
  if (!group.includes('.')) return [Number.parseInt(group, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
  return [(a << 8) | b, (c << 8) | d]
}
