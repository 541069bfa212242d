/** Text of what tables can do. */
import { TableConfig, type TableFeatures } from '../../messages/table.js'
import type { Version } from '../../version.js'
import { hex } from '../value.js'
import { actionTypesText } from './action-types.js'
import type { Formatters } from './form.js'
import { formatNames } from './name-list.js'
import {
  type ActionFeatures,
  equalSides,
  isEmptySide,
  type Matching,
  matchingOf,
  type Side,
  sidesOf,
} from './table-capabilities.js'

/** A table with the lists of its properties. */
interface Table {
  readonly features: TableFeatures
  readonly others: Side
  readonly miss: Side
  readonly matching: Matching
}

function supported(capabilities: number, bit: number): string {
  return (capabilities & bit) === 0 ? 'not supported' : 'supported'
}

/** Tables in a row as `1-3`. */
function rangesText(numbers: readonly number[]): string {
  const starts = numbers.filter((number, i) => numbers[i - 1] !== number - 1)
  return starts
    .map((start) => {
      let end = start
      while (numbers.includes(end + 1)) end++
      return end === start ? `${start}` : `${start}-${end}`
    })
    .join(',')
}

function actionsText({ types, fields }: ActionFeatures): string {
  return (
    (types === 0 ? '' : `        actions: ${actionTypesText(types)}\n`) +
    (fields.length === 0 ? '' : `        supported on Set-Field: ${formatNames(fields)}\n`)
  )
}

function equalActions(a: ActionFeatures, b: ActionFeatures): boolean {
  return a.types === b.types && a.fields.join() === b.fields.join()
}

function bothActionsText({ write, apply }: Side, before: Side | undefined): string {
  const same = before !== undefined && equalActions(write, before.write) && equalActions(apply, before.apply)
  if (same && write.fields.length > 0) return '      (same actions)\n'
  if (!equalActions(write, apply))
    return `      Write-Actions features:\n${actionsText(write)}      Apply-Actions features:\n${actionsText(apply)}`
  if (write.types === 0 && write.fields.length === 0) return ''
  return `      Write-Actions and Apply-Actions features:\n${actionsText(write)}`
}

function sideText(side: Side, before: Side | undefined): string {
  const { next, instructions } = side
  const sameInstructions = before !== undefined && before.instructions.join() === instructions.join()
  return (
    (next.length === 0 ? '' : `      next tables: ${rangesText(next)}\n`) +
    (instructions.length === 0
      ? ''
      : sameInstructions
        ? '      (same instructions)\n'
        : `      instructions: ${instructions.join(' ')}\n`) +
    bothActionsText(side, before)
  )
}

/** What happens to packets that a flow matches, and to those that none does, where it differs. */
function instructionsText({ others, miss }: Table, before: Table | undefined): string {
  if (before !== undefined && equalSides(others, before.others) && equalSides(miss, before.miss))
    return isEmptySide(others) ? '' : '    (same instructions)\n'
  if (!equalSides(others, miss))
    return (
      `    instructions (other than table miss):\n${sideText(others, before?.others)}` +
      `    instructions (table miss):\n${sideText(miss, before?.miss)}`
    )
  if (isEmptySide(others)) return ''
  return `    instructions (table miss and others):\n${sideText(others, before?.others)}`
}

const matchingTitles = [
  ['masked', 'arbitrary mask'],
  ['wildcarded', 'exact match or wildcard'],
  ['exact', 'must exact match'],
] as const

function matchingText({ matching }: Table, before: Table | undefined): string {
  if (matching.all.length === 0) return ''
  if (before?.matching.all.join() === matching.all.join()) return '    (same matching)\n'
  const lists = matchingTitles.map(([name, title]) =>
    matching[name].length === 0 ? '' : `      ${title}: ${formatNames(matching[name])}\n`,
  )
  return `    matching:\n${lists.join('')}`
}

function headText({ features }: Table, version: Version): string {
  const { metadataMatch, metadataWrite, capabilities, maxEntries } = features
  const metadata =
    metadataMatch === 0n && metadataWrite === 0n
      ? ''
      : `    metadata: match=${hex(metadataMatch)} write=${hex(metadataWrite)}\n`
  const config =
    version === 4
      ? ''
      : `    eviction: ${supported(capabilities, TableConfig.eviction)}\n    vacancy events: ${supported(capabilities, TableConfig.vacancyEvents)}\n`
  return `${metadata}${config}${maxEntries === 0 ? '' : `    max_entries=${maxEntries}\n`}`
}

/** Whether all but the name is as in the table before. */
function isDitto(table: Table, before: Table, version: Version): boolean {
  return (
    headText(table, version) === headText(before, version) &&
    equalSides(table.others, before.others) &&
    equalSides(table.miss, before.miss) &&
    table.matching.all.join() === before.matching.all.join()
  )
}

/** Tables without a name that are as the one before are one line together. */
function dittoText(tables: readonly number[]): string {
  const [first, last] = [tables[0], tables.at(-1)]
  if (first === undefined) return ''
  return first === last ? `\n  table ${first}: ditto\n` : `\n  tables ${first}...${last}: ditto\n`
}

function tablesText(list: readonly TableFeatures[], version: Version): string {
  const command = list[0]?.command ?? 'replace'
  let text = command === 'replace' ? '' : `\n  command: ${command}`
  let before: Table | undefined
  let ditto: number[] = []
  for (const features of list) {
    const table: Table = { features, ...sidesOf(features), matching: matchingOf(features) }
    const same = before !== undefined && isDitto(table, before, version)
    if (same && features.name === '') ditto.push(features.table)
    else {
      const name = features.name === '' ? '' : ` ("${features.name}")`
      text += `${dittoText(ditto)}\n  table ${features.table}${name}:`
      text += same
        ? ' ditto'
        : `\n${headText(table, version)}${instructionsText(table, before)}${matchingText(table, before)}`
      ditto = []
    }
    before = table
  }
  return text + dittoText(ditto)
}

export const tableFeatures: Formatters = {
  tableFeaturesRequest: ({ tables }, { version }) => tablesText(tables, version),
  tableFeaturesReply: ({ tables }, { version }) => tablesText(tables, version),
}
