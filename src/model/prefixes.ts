import { addressBits, type Block, parseBlock } from './block.js'
import { class64 } from './labels.js'
import type { AddressGroupRow, Change } from './rows.js'
import { same } from './same.js'

/**
 * Every distinct block of a domain's groups, with the groups that contain it.
 * @param before what was made of the domain last time; what stays the same is handed back
 */
export function prefixesOf(
  groups: readonly AddressGroupRow[],
  before: readonly Change[],
  tenant?: string,
): readonly Change[] {
  const domain = tenant === undefined ? {} : { tenant }
  const known = new Map<string, Change<'prefix'>>()
  for (const change of before) if (change.table === 'prefix' && change.row) known.set(change.row.cidr, change)
  // Most blocks share their list of groups with all others of that group.
  const classes = new Map<readonly string[], string>()
  const classOf = (names: readonly string[]) => {
    const of = classes.get(names) ?? class64(JSON.stringify(names))
    classes.set(names, of)
    return of
  }
  return Array.from(enclosed(groups), ([cidr, names]) => {
    const old = known.get(cidr)
    if (old?.row && same(old.row.groups, names)) return old
    const id = `${tenant ?? ''}#${cidr}`
    return { table: 'prefix', id, row: { id, cidr, groups: names, class: classOf(names), ...domain } }
  })
}

/** For each block the groups that name it or a block around it, sorted. */
function enclosed(groups: readonly AddressGroupRow[]): ReadonlyMap<string, readonly string[]> {
  const naming = new Map<string, readonly string[]>()
  for (const { id, addresses } of groups) {
    const alone = [id]
    for (const cidr of addresses) {
      const names = naming.get(cidr)
      naming.set(cidr, names ? [...names, id] : alone)
    }
  }
  for (const family of [4, 6] as const) {
    const own = [...naming.keys()].filter((cidr) => cidr.includes(':') === (family === 6))
    const length = own[0]?.slice(own[0].indexOf('/')) ?? ''
    // Blocks of one length, such as single addresses, do not contain each other.
    if (own.every((cidr) => cidr.endsWith(length))) continue
    const blocks = own.map((cidr) => ({ cidr, names: naming.get(cidr) ?? [], block: parseBlock(cidr) }))
    const lengths = new Lengths()
    for (const { block, names } of blocks) lengths.add(block, names)
    for (const { cidr, names, block } of blocks) {
      const around = lengths.around(block)
      if (around.length > 0) naming.set(cidr, [...new Set([...around, ...names])].sort())
    }
  }
  return naming
}

/** The blocks of one address family by length: there are few lengths and many blocks. */
class Lengths {
  readonly #heads = new Map<number, Map<bigint, readonly string[]>>()

  add(block: Block, names: readonly string[]): void {
    const heads = this.#heads.get(block.length) ?? new Map<bigint, readonly string[]>()
    this.#heads.set(block.length, heads.set(head(block, block.length), names))
  }

  /** The names of all blocks that are larger than `block` and contain it. */
  around(block: Block): readonly string[] {
    const found: string[] = []
    for (const [length, heads] of this.#heads)
      if (length < block.length) found.push(...(heads.get(head(block, length)) ?? []))
    return found
  }
}

/** The first bits of a block. */
function head({ family, bits }: Block, length: number): bigint {
  return bits >> BigInt(addressBits[family] - length)
}
