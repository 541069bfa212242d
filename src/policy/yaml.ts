/** YAML with places: the only file that knows the yaml library's trees. */
import { Composer, type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, Parser } from 'yaml'
import type { Place } from './errors.js'
import type { Source } from './object.js'

/** A path to a value inside a document: keys of maps and indexes of lists. */
export type Path = readonly PropertyKey[]

/** One document with the means to say where its parts stand. */
export interface PlacedDocument {
  readonly document: Document.Parsed
  /** Place of an offset into the text. */
  at(offset: number): Place
  /** Place of the value at a path, or of the nearest thing around it that exists. */
  value(path: Path): Place
  /** Place of the key of a map at a path, or of the map itself. */
  key(path: Path, key: string): Place
}

/** The documents of a text, one by one, so that a caller can pause between two of them. */
export function* placedDocuments({ file, text }: Source): Generator<PlacedDocument> {
  const lines = new LineCounter()
  const parser = new Parser(lines.addNewLine)
  const composer = new Composer({ lineCounter: lines })
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  for (const document of composer.compose(parser.parse(text), true, text.length)) {
    const place = (node: Node | undefined): Place => at(start(node) ?? document.range[0])
    yield {
      document,
      at,
      value: (path) => place(follow(document, path)),
      key: (path, key) => place(keyNode(follow(document, path), key) ?? follow(document, path)),
    }
  }
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
