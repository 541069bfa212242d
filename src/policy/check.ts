import { MemoryStore } from '../store/store.js'
import { Allocations } from './allocation/allocations.js'
import { Catalog } from './catalog.js'
import { labLinks, labProblems } from './checks/lab-checks.js'
import type { Problem } from './checks/problem.js'
import { compareErrors, PolicyError } from './errors.js'
import { listFiles, readText } from './files/files.js'
import type { AnyObject } from './object.js'
import { Report } from './report.js'
import { Rows } from './rows/rows.js'
import { runAtOnce } from './slices.js'
import { parse, unreadable } from './text/parse.js'
import { Locator } from './text/yaml.js'

/**
 * Every error of the policy files below a directory, in order. Needs no state: where a file is broken, its other
 * documents count, so that one mistake is one error.
 */
export function checkDirectory(directory: string): PolicyError[] {
  const files = listFiles(directory)
  if (files === undefined) {
    const place = { file: directory, line: 1, column: 1 }
    return [new PolicyError('unreadable', place, 'directory does not exist')]
  }
  const catalog = new Catalog()
  const errors: PolicyError[] = []
  const broken = new Set<string>()
  const partial: AnyObject[] = []
  for (const file of files) {
    const read = readText(file)
    if (read.state === 'gone') continue
    const parsed =
      read.state === 'unreadable' ? unreadable(file, read.cause) : runAtOnce(parse({ file, text: read.text }))
    errors.push(...parsed.errors)
    for (const id of parsed.broken) broken.add(id)
    partial.push(...parsed.partial)
    for (const object of parsed.objects) catalog.put(object)
  }
  const own = ({ missing }: Problem) => missing === undefined || !broken.has(missing)
  const report = new Report(catalog, new Locator())
  const problems = runAtOnce(catalog.check())
  if (errors.length === 0 && problems.length === 0) errors.push(...shortages(catalog, report))
  const left = partial.flatMap((object) => [...catalog.missing(object)])
  const all = [...problems, ...left, ...labs(catalog)].filter(own)
  return [...errors, ...all.map((problem) => report.error(problem))].sort(compareErrors)
}

/** What is wrong with labs, which nobody but `sluice lab` asks about. */
function* labs(catalog: Catalog): Generator<Problem> {
  for (const lab of catalog.all('Lab')) {
    yield* catalog.missing(lab, labLinks(lab))
    yield* labProblems(lab)
  }
}

/** What would be left without a number or address where nothing was ever allocated. */
function shortages(catalog: Catalog, report: Report): PolicyError[] {
  let count = 0
  const rows = new Rows(catalog, new Allocations(new MemoryStore(), () => count++ / 2 ** 40))
  runAtOnce(rows.update(catalog.takeTouched()))
  return [...rows.starved].map((starved) => report.shortage(starved))
}
