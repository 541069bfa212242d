/** Long lists of addresses are taken out of a text before it is read as YAML, which costs far more than they need. */

/** Lines of a list that are not in the skeleton, apart from the first, which is. */
export interface Cut {
  /** Offset in the skeleton of the value of the first line. */
  readonly first: number
  /** Offset in the skeleton where the others are missing, and how long they were. */
  readonly at: number
  readonly length: number
  /** The values of the others, with their offsets in the whole text. */
  readonly values: readonly { readonly text: string; readonly offset: number }[]
}

/** A text with the insides of long lists left out. */
export interface Skeleton {
  readonly text: string
  readonly cuts: readonly Cut[]
}

/** Lines that a list has to have. */
const least = 32

/** `- 10.0.0.0/8`, with or without quotes, and a comment. */
const line = /^( *- )(["']?)([0-9A-Fa-f.:]+(?:\/\d+)?)\2[ \t]*(?:[ \t]#[^\n]*)?\r?\n/
/** What YAML takes for text by itself: three dots, or two colons of which none ends it. */
const address = /^(?:\d+\.\d+\.\d+\.\d+(?:\/\d+)?|[^:]*:[^:]*:.*[^:])$/

interface Line {
  readonly start: number
  readonly end: number
  readonly indent: string
  readonly offset: number
  readonly text: string
}

export function skeletonOf(text: string): Skeleton {
  const cuts: Cut[] = []
  const kept: string[] = []
  let done = 0
  let length = 0
  for (const run of runs(text)) {
    const [first, second] = run
    const last = run.at(-1)
    if (first === undefined || second === undefined || last === undefined) continue
    const piece = text.slice(done, second.start)
    kept.push(piece)
    cuts.push({
      first: length + first.offset - done,
      at: length + piece.length,
      length: last.end - second.start,
      values: run.slice(1),
    })
    length += piece.length
    done = last.end
  }
  return { text: kept.join('') + text.slice(done), cuts }
}

/** Runs of lines that are addresses of one list. */
function* runs(text: string): Generator<readonly Line[]> {
  const sticky = new RegExp(line, 'my')
  for (let at = 0; at < text.length; ) {
    const run: Line[] = []
    for (let next = lineAt(text, at, sticky); next !== undefined; next = lineAt(text, next.end, sticky)) {
      if (run[0] !== undefined && run[0].indent !== next.indent) break
      run.push(next)
    }
    if (run.length >= least) yield run
    at = run.at(-1)?.end ?? nextLine(text, at)
  }
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

function lineAt(text: string, start: number, sticky: RegExp): Line | undefined {
  sticky.lastIndex = start
  const [whole, indent = '', , value = ''] = sticky.exec(text) ?? []
  if (whole === undefined || !address.test(value)) return undefined
  return { start, end: start + whole.length, indent, offset: start + indent.length, text: value }
}

/** Where an offset of the skeleton is in the whole text. */
export function wholeOffset({ cuts }: Skeleton, offset: number): number {
  return cuts.reduce((sum, { at, length }) => (at <= offset ? sum + length : sum), offset)
}
