import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { root } from '../../scripts/docs/pages.js'

const texts = ['docs', 'policies', 'src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
)

/** The anchors that headings have: lower case, spaces to hyphens, punctuation gone. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

for (const path of ['README.md', 'CONTRIBUTING.md', ...texts])
  test(`${path} links to what exists`, (t) => {
    const text = readFileSync(join(root, path), 'utf8')
    for (const [, target = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const file = target === '' ? join(root, path) : join(root, dirname(path), target)
      t.true(existsSync(file), target)
      if (anchor !== undefined)
        t.true(anchorsOf(readFileSync(file, 'utf8')).includes(anchor), `${target}#${anchor}`)
    }
    t.pass()
  })

test('decisions are numbered, each number once, none longer than a page', (t) => {
  const names = readdirSync(join(root, 'docs/decisions')).sort()
  t.true(names.length > 10)
  t.is(new Set(names.map((name) => name.slice(0, 4))).size, names.length)
  for (const name of names) {
    const text = readFileSync(join(root, 'docs/decisions', name), 'utf8')
    t.regex(name, /^\d{4}-[a-z0-9.-]+\.md$/)
    t.true(text.startsWith(`# ${Number(name.slice(0, 4))}. `), name)
    t.true(text.split('\n').length <= 60, name)
  }
})
