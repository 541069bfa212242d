import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The reference of a library: what its index exports, with signatures and docstrings, from what the compiler emits. */

/** Where the compiler puts what it makes. */
const built = fileURLToPath(new URL('../../', import.meta.url))

/** Something that a library exports. */
export interface Export {
  readonly name: string
  readonly kind: 'function' | 'class' | 'value' | 'type'
  /** The docstring, without its stars; undefined when there is none. */
  readonly doc: string | undefined
  readonly signature: string
}

const headings = [
  ['function', 'Functions'],
  ['class', 'Classes'],
  ['value', 'Values'],
  ['type', 'Types'],
] as const

/** The page for `sluice/LIBRARY`. */
export function apiPage(library: string): string[] {
  const all = exportsOf(library)
  const sections = headings.flatMap(([kind, heading]) => {
    const some = all.filter((one) => one.kind === kind)
    return some.length === 0 ? [] : [`## ${heading}`, '', ...some.flatMap(entry)]
  })
  return [
    `# API of sluice/${library}`,
    '',
    `<!-- Made by \`npm run docs\` from src/${library}/. A test fails where it is out of date. -->`,
    '',
    `All that \`import … from 'sluice/${library}'\` gives. What it is for, and examples: [README.md](README.md).`,
    '',
    ...sections.slice(0, -1),
  ]
}

/** What a library exports, by name. */
export function exportsOf(library: string): Export[] {
  const names = namesOf(join(built, `src/${library}/index.d.ts`))
  return Array.from(names, ([name, [file, local]]) => describe(name, file, local)).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
}

function entry({ name, doc, signature }: Export): string[] {
  return [
    `### ${name}`,
    '',
    ...(doc ? [...doc.split('\n'), ''] : []),
    '```ts',
    ...signature.split('\n'),
    '```',
    '',
  ]
}

/** The names that a module exports, each with the module that declares it and its name there. */
function namesOf(file: string): Map<string, readonly [file: string, local: string]> {
  const text = readFileSync(file, 'utf8')
  const names = new Map<string, readonly [string, string]>()
  const beside = (target: string) => join(dirname(file), target.replace(/\.js$/, '.d.ts'))
  for (const [, target = ''] of text.matchAll(/^export \* from ['"](.*)['"];$/gm))
    for (const [name, place] of namesOf(beside(target))) names.set(name, place)
  for (const [, list = '', target] of text.matchAll(
    /^export (?:type )?\{([^}]*)\}(?: from ['"](.*)['"])?;$/gm,
  )) {
    for (const [local, name] of listed(list)) {
      const from = target ?? importedFrom(text, local)
      names.set(name, (from !== undefined && namesOf(beside(from)).get(local)) || [file, local])
    }
  }
  for (const [, name = ''] of text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:function|class|const|interface|type) (\w+)/gm,
  ))
    names.set(name, [file, name])
  return names
}

/** `a, type B, c as d` as pairs of names within and without. */
function listed(list: string): (readonly [local: string, name: string])[] {
  return list
    .split(',')
    .map((part) => part.replace(/\btype\b/, '').trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [local = '', name = local] = part.split(/\s+as\s+/)
      return [local, name]
    })
}

/** The module that a module imports a name from. */
function importedFrom(text: string, name: string): string | undefined {
  const imports = text.matchAll(/^import (?:type )?\{([^}]*)\} from ['"](.*)['"];$/gm)
  return [...imports].find(([, list = '']) => listed(list).some(([, local]) => local === name))?.[2]
}

function describe(name: string, file: string, local: string): Export {
  const all = declarations(readFileSync(file, 'utf8'))
  const found = all.filter((one) => one.name === local)
  const [first] = found
  if (!first) throw new TypeError(`${relative(built, file)} does not declare ${local}`)
  const { doc, keyword } = first
  const kind =
    keyword === 'function' || keyword === 'class' ? keyword : keyword === 'const' ? 'value' : 'type'
  // A type that is what some codec reads says nothing without the codec.
  const [, codec] = /ReturnType<typeof (\w+)\./.exec(first.text) ?? []
  found.push(...all.filter((one) => one.name === codec))
  const signature = found.map(({ text }) => text.replace(new RegExp(`\\b${local}\\b`), name)).join('\n')
  return { name, kind, doc, signature }
}

interface Declaration {
  readonly name: string
  readonly keyword: string
  readonly doc: string | undefined
  readonly text: string
}

/** The declarations of a .d.ts text at its top. */
function declarations(text: string): Declaration[] {
  const found: Declaration[] = []
  let doc: string | undefined
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.startsWith('/**')) {
      const end = lines.findIndex((other, index) => index >= at && other.endsWith('*/'))
      doc = prose(lines.slice(at, end + 1).join('\n'))
      at = end
      continue
    }
    const [, keyword, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(function|class|const|interface|type) (\w+)/.exec(line) ?? []
    if (keyword === undefined || name === undefined) {
      if (line !== '') doc = undefined
      continue
    }
    let last = at
    while (last < lines.length - 1 && !isWhole(lines.slice(at, last + 1).join('\n'))) last++
    found.push({ name, keyword, doc, text: shown(lines.slice(at, last + 1)) })
    doc = undefined
    at = last
  }
  return found
}

/** Whether a declaration ends where the text does: no bracket is open. */
function isWhole(text: string): boolean {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|'[^'\n]*'|"[^"\n]*"|=>/g, '')
  const count = (pattern: RegExp) => bare.match(pattern)?.length ?? 0
  return count(/[{([<]/g) === count(/[})\]>]/g) && /[;}]\s*$/.test(bare)
}

/** A declaration as the page has it: without what is private, indented by two. */
function shown(lines: readonly string[]): string {
  return lines
    .filter((line) => !/^ {4}(#private|private )/.test(line))
    .map((line) => line.replace(/^( {4})+/, (indent) => indent.slice(indent.length / 2)))
    .join('\n')
    .replace(/^(export )?(declare )?/, '')
    .replace(/import\("[^"]*"\)\./g, '')
}

/** A docstring as a paragraph, and a list of what its tags say. */
function prose(comment: string): string {
  const text = comment.replace(/^\/\*\*\s?|\s*\*\/$/g, '').replace(/^ \* ?/gm, '')
  const [summary = '', ...tags] = text.trim().split(/^@(?=\w)/m)
  const items = tags.map((tag) => `- ${tag.trim().replace(/^(\w+)/, '*$1*')}`)
  const all = [summary.trim(), ...(items.length > 0 ? [items.join('\n')] : [])].join('\n\n')
  // A page would take `<` for the beginning of an element, but not in code.
  return all.replace(/`[^`]*`|</g, (part) => (part === '<' ? '\\<' : part))
}
