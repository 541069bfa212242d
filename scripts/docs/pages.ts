import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiPage } from './api.js'
import { codesTable, kindsSection } from './language.js'
import { markdown } from './markdown.js'
import { pipelinePage } from './pipeline.js'

/** The checkout. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A page as it should be, with its place on disk. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** Every page that is made from the sources, wholly or in part. */
export function pages(): readonly Page[] {
  const pipeline = join(root, 'docs/pipeline.md')
  const language = join(root, 'docs/language.md')
  const references = ['openflow', 'ovsdb'].map((library) => {
    return { path: join(root, `src/${library}/API.md`), text: markdown(apiPage(library)) }
  })
  return [
    ...references,
    { path: pipeline, text: markdown(pipelinePage(root)) },
    {
      path: language,
      text: fill(readFileSync(language, 'utf8'), {
        kinds: kindsSection(),
        codes: codesTable(),
      }),
    },
  ]
}

/**
 * Replaces what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` for each section.
 * @throws TypeError where the page has no such lines
 */
export function fill(page: string, sections: Readonly<Record<string, readonly string[]>>): string {
  let text = page
  for (const [name, lines] of Object.entries(sections)) {
    const [begin, end] = [`<!-- begin ${name} -->\n`, `<!-- end ${name} -->\n`]
    const from = text.indexOf(begin)
    const to = text.indexOf(end)
    if (from < 0 || to < from) throw new TypeError(`page has no section ${name}`)
    text = text.slice(0, from + begin.length) + markdown(lines) + text.slice(to)
  }
  return text
}
