/** What `npm run docs` runs: writes the pages and parts of pages that are made from the sources. */
import { writeFileSync } from 'node:fs'
import { pages } from './pages.js'

for (const { path, text } of pages()) {
  writeFileSync(path, text)
  console.log(path)
}
