/**
 * Lists of names as Open vSwitch shortens them: `eth_{src,dst}` for names that begin alike, `reg0...reg3` for names that
 * count up.
 */

/** Length of what both begin with, up to and with the last `_`. */
function sharedPrefix(a: string, b: string, from: number): number {
  let length = 0
  for (let i = from; i < a.length && a[i] === b[i]; i++) if (a[i] === '_') length = i + 1 - from
  return length
}

/** How many of the first names begin like the first two; an answer without prefix is of the first name alone. */
function prefixRun(
  names: readonly string[],
  from: number,
): { readonly run: number; readonly prefix: number } {
  const [first = '', second = ''] = names
  const prefix = sharedPrefix(first, second, from)
  if (prefix === 0) return { run: 1, prefix }
  const end = names.findIndex((name, i) => i > 1 && sharedPrefix(first, name, from) === 0)
  return { run: end < 0 ? names.length : end, prefix }
}

/** Whether `b` is `a` with a number one larger at its end. */
function follows(a: string, b: string): boolean {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  const [before, after] = [a.slice(i), b.slice(i)]
  return /^\d+$/.test(before) && /^\d+$/.test(after) && Number(before) + 1 === Number(after)
}

/** How many of the first names count up; two are not worth an abbreviation. */
function countingRun(names: readonly string[]): number {
  let run = 1
  while (run < names.length && follows(names[run - 1] ?? '', names[run] ?? '')) run++
  return run === 2 ? 1 : run
}

/** The names, of which the first `from` characters were said before. */
export function formatNames(names: readonly string[], from = 0): string {
  const groups: string[] = []
  for (let rest = names; rest.length > 0; ) {
    const first = rest[0] ?? ''
    const { run, prefix } = prefixRun(rest, from)
    const counting = countingRun(rest)
    if (counting >= run) {
      const last = rest[counting - 1] ?? ''
      groups.push(first.slice(from) + (counting > 1 ? `...${last.slice(from)}` : ''))
    } else {
      const inside = formatNames(rest.slice(0, run), from + prefix)
      groups.push(`${first.slice(from, from + prefix)}{${inside}}`)
    }
    rest = rest.slice(Math.max(run, counting))
  }
  return groups.join(from === 0 ? ' ' : ',')
}
