/** YAML with places: the only file that knows the yaml library's trees. */
import {
  Composer,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  Scalar,
  visit,
} from 'yaml'
import type { Place } from '../errors.js'
import type { Source } from '../object.js'
import { type Skeleton, skeletonOf, wholeOffset } from './skeleton.js'

/** A path to a value inside a document: keys of maps and indexes of lists. */
export type Path = readonly PropertyKey[]

/** One document with the means to say where its parts stand. */
export interface PlacedDocument {
  readonly document: Document.Parsed
  /** Place of an offset, which is one of the library's. */
  at(offset: number): Place
  /** The text from an offset on, which is one of the library's. */
  from(offset: number): string
  /** Place of the value at a path, or of the nearest thing around it that exists. */
  value(path: Path): Place
  /** Place of the key of a map at a path, or of the map itself. */
  key(path: Path, key: string): Place
}

/** The documents of a text, one by one, so that a caller can pause between two of them. */
export function* placedDocuments(source: Source): Generator<PlacedDocument> {
  const skeleton = skeletonOf(source.text)
  let count = 0
  for (const placed of documentsOf(source, skeleton)) {
    if (placed === undefined) return yield* documentsFrom(count, source)
    count++
    yield placed
  }
}

/** The documents of a text from the one with this index on, read without cutting anything. */
function* documentsFrom(first: number, source: Source): Generator<PlacedDocument> {
  let index = 0
  for (const placed of documentsOf(source, { text: source.text, cuts: [] }))
    if (placed !== undefined && index++ >= first) yield placed
}

/** The documents of a skeleton, whole again; undefined for one in which something was cut that is no list. */
function* documentsOf({ file, text }: Source, skeleton: Skeleton): Generator<PlacedDocument | undefined> {
  const lines = new LineCounter()
  for (let start = 0; start > 0 || lines.lineStarts.length === 0; start = text.indexOf('\n', start) + 1)
    lines.addNewLine(start)
  const atWhole = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const whole = (offset: number) => wholeOffset(skeleton, offset)
  for (const document of new Composer().compose(
    new Parser().parse(skeleton.text),
    true,
    skeleton.text.length,
  )) {
    const mended = mend(document, skeleton)
    const place = (node: Node | undefined): Place =>
      atWhole((node && mended?.get(node)) ?? whole(start(node) ?? document.range[0]))
    yield mended && {
      document,
      at: (offset) => atWhole(whole(offset)),
      from: (offset) => text.slice(whole(offset)),
      value: (path) => place(follow(document, path)),
      key: (path, key) => place(keyNode(follow(document, path), key) ?? follow(document, path)),
    }
  }
}

/**
 * Puts back what was cut from the lists of a document.
 * @returns offsets in the whole text of what was put back; undefined where a cut is not of a list
 */
function mend(document: Document.Parsed, { cuts }: Skeleton): ReadonlyMap<Node, number> | undefined {
  const [first, , end] = document.range
  const own = new Map(
    cuts.filter((cut) => first <= cut.first && cut.first < end).map((cut) => [cut.first, cut]),
  )
  const offsets = new Map<Node, number>()
  if (own.size === 0) return offsets
  visit(document, {
    Seq: (_, seq) => {
      seq.items = seq.items.flatMap((item) => {
        const cut = isScalar(item) ? own.get(start(item) ?? -1) : undefined
        if (cut === undefined) return [item]
        own.delete(cut.first)
        return [item, ...cut.values.map(({ text, offset }) => scalarAt(text, offset, offsets))]
      })
    },
  })
  return own.size === 0 ? offsets : undefined
}

function scalarAt(text: string, offset: number, offsets: Map<Node, number>): Scalar {
  const scalar = new Scalar(text)
  offsets.set(scalar, offset)
  return scalar
}

function start(node: Node | undefined): number | undefined {
  return node?.range?.[0]
}

/** The node at the path, or the last one on the way to it. */
function follow(document: Document.Parsed, path: Path): Node | undefined {
  let node: Node | undefined = document.contents ?? undefined
  for (const part of path) {
    const next: unknown = isMap(node)
      ? node.get(String(part), true)
      : isSeq(node)
        ? node.get(Number(part), true)
        : undefined
    if (!isNode(next)) return node
    node = next
  }
  return node
}

function keyNode(node: Node | undefined, key: string): Node | undefined {
  if (!isMap(node)) return undefined
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
  return isNode(pair?.key) ? pair.key : undefined
}

/** Finds the places of values in sources that were read before: reads them again, since few are ever asked for. */
export class Locator {
  readonly #documents = new WeakMap<Source, readonly PlacedDocument[]>()

  place(source: Source, document: number, path: Path): Place {
    let documents = this.#documents.get(source)
    if (documents === undefined) {
      documents = [...placedDocuments(source)]
      this.#documents.set(source, documents)
    }
    return documents[document]?.value(path) ?? { file: source.file, line: 1, column: 1 }
  }
}
