/** Text of what tables can do: names and sizes, not the lists of instructions, actions and fields. */
import { TableConfig, type TableFeatures } from '../../messages/table.js'
import type { Version } from '../../version.js'
import { hex } from '../value.js'
import type { Formatters } from './form.js'

function supported(capabilities: number, bit: number): string {
  return (capabilities & bit) === 0 ? 'not supported' : 'supported'
}

function tableText(
  { table, name, metadataMatch, metadataWrite, capabilities, maxEntries }: TableFeatures,
  version: Version,
) {
  const metadata =
    metadataMatch === 0n && metadataWrite === 0n
      ? ''
      : `    metadata: match=${hex(metadataMatch)} write=${hex(metadataWrite)}\n`
  const config =
    version === 4
      ? ''
      : `    eviction: ${supported(capabilities, TableConfig.eviction)}\n    vacancy events: ${supported(capabilities, TableConfig.vacancyEvents)}\n`
  const size = maxEntries === 0 ? '' : `    max_entries=${maxEntries}\n`
  return `\n  table ${table}${name === '' ? '' : ` ("${name}")`}:\n${metadata}${config}${size}`
}

export const tableFeatures: Formatters = {
  tableFeaturesRequest: ({ tables }, { version }) =>
    tables.map((table) => tableText(table, version)).join(''),
  tableFeaturesReply: ({ tables }, { version }) => tables.map((table) => tableText(table, version)).join(''),
}
