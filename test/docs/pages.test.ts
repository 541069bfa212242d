import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import test from 'ava'
import { fill, pages, root } from '../../scripts/docs/pages.js'

for (const { path, text } of pages())
  test(`${relative(root, path)} is what the sources say (npm run docs)`, (t) => {
    t.is(readFileSync(path, 'utf8'), text)
  })

test('a part of a page is replaced, and what stands around it stays', (t) => {
  const page = 'before\n<!-- begin x -->\nold\n<!-- end x -->\nafter\n'
  t.is(fill(page, { x: ['new'] }), 'before\n<!-- begin x -->\nnew\n<!-- end x -->\nafter\n')
  t.throws(() => fill(page, { y: [] }), { message: 'page has no section y' })
})
