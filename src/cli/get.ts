import { Command } from 'commander'
import { stringify } from 'yaml'
import type { ObjectView } from '../api/contract.js'
import { type Context, clientOf, type SocketOption, withExample, withSocket } from './context.js'
import { isLink, linkTable } from './link-table.js'
import { placeOf } from './place.js'
import { isPolicy, policyTable } from './policy-table.js'
import { isService, serviceTable } from './service-table.js'
import { formatTable } from './table.js'

/** Fields with a column of their own, or none. */
const identity = new Set(['id', 'kind', 'tenant', 'name', 'file', 'line', 'host'])

/** `sluice get` */
export function getCommand(context: Context): Command {
  const { output } = context
  const command = new Command('get')
    .description('show objects as the controller holds them, and where they are written')
    .argument('<kind>', 'kind of object, in any case, singular or plural; or links: who is connected to whom')
    .argument('[name]', 'one object: NAME or TENANT/NAME; of links also a HOST or GATEWAY')
    .option('--json', 'print one JSON value')
    .action(async (kind: string, name: string | undefined, options: SocketOption & { json?: true }) => {
      const objects = clientOf(context, options).get(kind, name)
      if (options.json) return output.jsonArray(objects)
      const all: ObjectView[] = []
      for await (const object of objects) all.push(object)
      if (all.length === 0) output.message(`no ${kind}`)
      const lines = name === undefined ? objectTable(all) : all.flatMap(objectDetails)
      for (const line of lines) await output.line(line)
    })
  return withExample(
    withSocket(command),
    'sluice get workloads',
    'sluice get workload usr1/web --json',
    'sluice get links',
    'sluice get services',
  )
}

/** A row for each object; fields that hold further structure are left to the view of one object. */
function objectTable(objects: readonly ObjectView[]): string[] {
  if (objects.length === 0) return []
  if (objects.every(isPolicy)) return policyTable(objects)
  if (objects.every(isLink)) return linkTable(objects)
  if (objects.every(isService)) return serviceTable(objects)
  const fields = new Set(
    objects.flatMap((object) => Object.keys(object).filter((field) => isPlain(object[field]))),
  )
  const columns = [
    ...['tenant', 'name', 'host'].filter(
      (field) => field === 'name' || objects.some((object) => object[field]),
    ),
    ...[...fields].filter((field) => !identity.has(field)),
  ]
  const heading = [
    ...columns.map((field) => field.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toUpperCase()),
    'PLACE',
  ]
  const rows = objects.map((object) => [...columns.map((field) => cell(object[field])), placeOf(object)])
  return formatTable([heading, ...rows])
}

function objectDetails(object: ObjectView): string[] {
  const { file: _file, line: _line, ...fields } = object
  return [`# ${placeOf(object)}`, ...stringify(fields).trimEnd().split('\n')]
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item !== 'object')
  return value !== null && typeof value !== 'object'
}

function cell(value: unknown): string {
  if (value === undefined || !isPlain(value)) return '-'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(',')
  return value === '' ? '-' : String(value)
}
