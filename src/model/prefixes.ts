import { addressBits, type Block, parseBlock } from './block.js'
import { class64 } from './labels.js'
import type { AddressGroupRow, Change } from './rows.js'

/** Every distinct block of a domain's groups, with the groups that contain it. */
export function prefixesOf(groups: readonly AddressGroupRow[], tenant?: string): readonly Change<'prefix'>[] {
  const domain = tenant === undefined ? {} : { tenant }
  const classes = new Map<string, string>()
  const classOf = (names: readonly string[]) => {
    const key = JSON.stringify(names)
    const known = classes.get(key) ?? class64(key)
    classes.set(key, known)
    return known
  }
  const changes: Change<'prefix'>[] = []
  for (const [cidr, names] of enclosed(groups)) {
    const id = `${tenant ?? ''}#${cidr}`
    changes.push({
      table: 'prefix',
      id,
      row: { id, cidr, groups: names, class: classOf(names), ...domain },
    })
  }
  return changes
}

/** For each block the groups that name it or a block around it, sorted. */
function enclosed(groups: readonly AddressGroupRow[]): ReadonlyMap<string, readonly string[]> {
  const naming = new Map<string, string[]>()
  for (const { id, addresses } of groups)
    for (const cidr of addresses) {
      const names = naming.get(cidr)
      if (names) names.push(id)
      else naming.set(cidr, [id])
    }
  const blocks = Array.from(naming, ([cidr, names]) => ({ cidr, names, block: parseBlock(cidr) }))
  const families = { 4: new Lengths(), 6: new Lengths() }
  for (const { block, names } of blocks) families[block.family].add(block, names)
  return new Map(
    blocks.map(({ cidr, names, block }) => {
      const around = families[block.family].around(block)
      return [cidr, around.length === 0 ? names : [...new Set([...around, ...names])].sort()]
    }),
  )
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
