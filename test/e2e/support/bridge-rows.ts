import type { Lab } from '../../../src/lab/index.js'
import { succeed } from './open-vswitch.js'

const select = (table: string, where: unknown[]) =>
  JSON.stringify(['Open_vSwitch', { op: 'select', table, where }])

export type Row = Record<string, unknown> & { _uuid: ['uuid', string] }

async function rows(lab: Lab, host: string, table: string, where: unknown[]): Promise<Row[]> {
  const text = await succeed(lab, host, ['ovsdb-client', 'transact', select(table, where)])
  return JSON.parse(text)[0].rows
}

/** References of a column: one comes bare. */
function references(value: unknown): readonly string[] {
  const [kind, content] = value as ['uuid', string] | ['set', ['uuid', string][]]
  return kind === 'uuid' ? [content] : content.map(([, uuid]) => uuid)
}

/** All that the database says of a bridge, apart from counters of its interfaces; with the version of each row. */
export async function everythingOf(
  lab: Lab,
  host: string,
  bridge: string,
): Promise<{ bridge: Row; ports: Row[]; interfaces: Row[] }> {
  const [row] = await rows(lab, host, 'Bridge', [['name', '==', bridge]])
  if (!row) throw new Error(`no bridge ${bridge}`)
  const ports: Row[] = []
  const interfaces: Row[] = []
  for (const port of references(row.ports)) {
    const [found] = await rows(lab, host, 'Port', [['_uuid', '==', ['uuid', port]]])
    if (!found) continue
    ports.push(found)
    for (const id of references(found.interfaces)) {
      const [entry] = await rows(lab, host, 'Interface', [['_uuid', '==', ['uuid', id]]])
      // Open vSwitch itself writes counters down every few seconds, which makes another version of the row.
      if (entry) interfaces.push({ ...entry, statistics: [], _version: [] })
    }
  }
  const byName = (a: Row, b: Row) => (String(a.name) < String(b.name) ? -1 : 1)
  return { bridge: row, ports: ports.sort(byName), interfaces: interfaces.sort(byName) }
}
