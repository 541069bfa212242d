import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { outerPipeline } from '../../flows/outer/pipeline.js'
import { pipeline } from '../../flows/pipeline.js'
import { label, part, reg } from '../../flows/registers.js'
import type { Table } from '../../src/pipeline/table.js'
import { code, tableOf } from './markdown.js'
import { outerSampleFlows, type SampleFlow, sampleFlows } from './sample.js'

/** docs/pipeline.md: every table in packet order with what it promises, its rules, and flows that they really make. */
export function pipelinePage(root: string): string[] {
  const flows = sampleFlows()
  return [
    '# The pipeline',
    '',
    '<!-- Made by `npm run docs` from flows/. A test fails where it is out of date. -->',
    '',
    'A packet goes through these tables of the bridge that Sluice owns on each host. Each table is a file in `flows/`; it',
    'says which fields its flows match and write and where they may send a packet, and a test holds every flow against that.',
    'Fields have the names that the code has. The flows below are real: what two tenants on two hosts `h1` and `h2` come to,',
    'tenant `b` with IPv6, both leaving by a gateway on `h1`, peered with each other (`test/support/cluster.ts`),',
    'with policies of every tier (`test/support/policies.ts`), two routes and a service of the second, and mirrors of both. Where no policy concerns a tenant, its workloads have no flow in',
    'the tables `egress-…`, `ingress…` and `deliver`, and no connection of theirs is tracked for policy.',
    '',
    ...diagram(),
    '',
    '## Registers',
    '',
    ...registers(root),
    '',
    '## Label',
    '',
    comment(readFileSync(join(root, 'flows/registers.ts'), 'utf8'), 'export const label ='),
    '',
    ...labels(root),
    '',
    ...pipeline.flatMap((table) => section(root, table, flows, 'flows')),
    '# Bridges of operators',
    '',
    'Where a gateway has the address of its host (`address: host`), these flows are in the bridge that the operator has',
    'prepared, beside his own ([decision 53](decisions/0053-the-address-of-the-host.md)).',
    '',
    ...outerPipeline.flatMap((table) => section(root, table, outerSampleFlows(), 'flows/outer')),
  ].slice(0, -1)
}

function diagram(): string[] {
  const arrows = pipeline.flatMap(({ name, next = [] }) => next.map((to) => `  ${name} --> ${to}`))
  return ['```mermaid', 'flowchart TD', ...arrows, '```']
}

/** The registers with the comments of flows/registers.ts. */
function registers(root: string): string[] {
  const text = readFileSync(join(root, 'flows/registers.ts'), 'utf8')
  return tableOf(
    ['name', 'field', 'holds'],
    [
      ...Object.entries(reg).map(([name, field]) => [
        name,
        code(field),
        comment(text, `${name}: '${field}'`),
      ]),
      ...Object.entries(part).map(([name, { field, offset, bits }]) => [
        name,
        code(`${field}[${offset}..${offset + bits - 1}]`),
        comment(text, `${name}: { field: '${field}'`),
      ]),
    ],
  )
}

/** The parts of ct_label with the comments of flows/registers.ts. */
function labels(root: string): string[] {
  const text = readFileSync(join(root, 'flows/registers.ts'), 'utf8')
  return tableOf(
    ['name', 'bits', 'holds'],
    Object.entries(label).map(([name, { offset, bits }]) => [
      name,
      bits === 1 ? `${offset}` : `${offset} to ${offset + bits - 1}`,
      comment(text, `${name}: {`),
    ]),
  )
}

function section(root: string, table: Table, flows: readonly SampleFlow[], folder: string): string[] {
  const file = `${String(table.number).padStart(2, '0')}-${table.name}.ts`
  const { matches, sets = [], next = [] } = table
  // On bridges of operators registers are theirs, and have no names.
  const names = folder === 'flows' ? registerNames : new Map<string, string>()
  const rows = [
    ['matches', fields(matches, names)],
    ['sets', fields(sets, names)],
    ['next', next.map(code).join(', ') || 'nowhere: packets leave or end here'],
  ]
  return [
    `## ${table.number} ${table.name}`,
    '',
    comment(readFileSync(join(root, folder, file), 'utf8'), 'export default table('),
    `([${folder}/${file}](../${folder}/${file}))`,
    '',
    ...tableOf(['', ''], rows),
    '',
    ...table.rules.flatMap(({ name, from }) => ruleLines(table, name, from, flows)),
  ]
}

/** How many flows of a rule are shown: those that differ in more than an address are few. */
const shown = 3

function ruleLines(table: Table, name: string, from: string, flows: readonly SampleFlow[]): string[] {
  const own = flows.filter((flow) => flow.unit.startsWith(`${table.name}/${name}/`))
  const [first] = own
  const ofFirst = own.filter(({ unit, host }) => unit === first?.unit && host === first.host)
  const rest = ofFirst.length > shown ? [`# and ${ofFirst.length - shown} more`] : []
  const row = first?.unit.slice(table.name.length + name.length + 2)
  return [
    `**${name}**, for each ${from}${first ? `; ${from} \`${row}\` on \`${first.host}\`:` : ': none in the sample.'}`,
    '',
    ...(first ? ['```', ...ofFirst.slice(0, shown).map(({ text }) => text), ...rest, '```', ''] : []),
  ]
}

const registerNames: ReadonlyMap<string, string> = new Map(
  Object.entries(reg).map(([name, field]) => [field, name]),
)

function fields(fields: readonly string[], names: ReadonlyMap<string, string>): string {
  return (
    fields.map((field) => `${code(field)}${names.has(field) ? ` ${names.get(field)}` : ''}`).join(', ') ||
    'nothing'
  )
}

/** The text of the doc comment that stands right before `code`. Throws TypeError where there is none. */
function comment(text: string, before: string): string {
  const head = text.slice(0, text.indexOf(before))
  const [, found] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(head) ?? []
  if (found === undefined) throw new TypeError(`no comment before ${before}`)
  return found
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join(' ')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .trim()
}
