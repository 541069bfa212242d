/** Of two lists, how many items are the very same at the start, and how many behind those at the end. */
export function commonEnds<T>(
  one: readonly T[],
  other: readonly T[],
): { readonly head: number; readonly tail: number } {
  const least = Math.min(one.length, other.length)
  let head = 0
  while (head < least && one[head] === other[head]) head++
  let tail = 0
  while (tail < least - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail++
  return { head, tail }
}
