/** Indexes of a longest strictly rising subsequence, the rest of which has to be taken out for the list to rise. */
export function longestRise(values: readonly number[]): ReadonlySet<number> {
  /** By length less one: the index at which a rise of that length ends lowest. */
  const ends: number[] = []
  const before: (number | undefined)[] = []
  for (const [index, value] of values.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[ends[middle] ?? -1] ?? value) < value) low = middle + 1
      else high = middle
    }
    before.push(ends[low - 1])
    ends[low] = index
  }
  const rise = new Set<number>()
  for (let index = ends.at(-1); index !== undefined; index = before[index]) rise.add(index)
  return rise
}
