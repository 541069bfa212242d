/** The addresses of a version, cut where blocks cut them. */
import { addressOf, type Block, type Version } from './address.js'

/** Addresses that a block has and no smaller block. */
export interface Region {
  /** The block that it is what is left of. */
  readonly block: Block
  /** One of the addresses. */
  readonly address: string
  /** The next larger region that the block is in. */
  readonly around?: Region
}

/** The regions of these blocks, larger ones first; blocks that smaller ones cover wholly have none. */
export function regionsOf(version: Version, blocks: readonly Block[]): readonly Region[] {
  const unique = new Map(
    blocks.filter((block) => block.version === version).map((block) => [block.text, block]),
  )
  const sorted = [...unique.values()].sort((a, b) =>
    a.first === b.first ? a.prefix - b.prefix : a.first < b.first ? -1 : 1,
  )
  const regions: Region[] = []
  const open: { readonly block: Block; readonly region: Region | undefined }[] = []
  for (const [index, block] of sorted.entries()) {
    while (open.length > 0 && (open.at(-1)?.block.last ?? 0n) < block.first) open.pop()
    const around = open.findLast(({ region }) => region !== undefined)?.region
    const free = freeAddress(block, sorted, index)
    const region =
      free === undefined ? undefined : { block, address: addressOf(version, free), ...(around && { around }) }
    if (region) regions.push(region)
    open.push({ block, region })
  }
  return regions
}

/** The lowest address of a block that none of the blocks within it has; those follow it. */
function freeAddress(block: Block, sorted: readonly Block[], index: number): bigint | undefined {
  let free = block.first
  for (let n = index + 1; n < sorted.length; n++) {
    const inner = sorted[n]
    if (inner === undefined || inner.first > free || inner.first > block.last) break
    if (inner.last >= free) free = inner.last + 1n
  }
  return free > block.last ? undefined : free
}
