import { placeOf } from '../cli/place.js'
import { formatTable } from '../cli/table.js'
import type { Station } from './stations.js'

/** The flow that dropped a packet. */
export interface Drop {
  readonly host: string
  readonly tableName: string
  readonly rule: string
  readonly file?: string
  readonly line?: number
}

/** What came of pinging one station from another. */
export interface Cell {
  readonly from: Station
  readonly to: Station
  readonly sent: number
  readonly received: number
  /** Absent where nothing was dropped, or nobody can say by what. */
  readonly drop?: Drop
}

export interface Pair {
  readonly from: Station
  readonly to: Station
}

/** Everybody who can ping, with everybody else. */
export function pairsOf(stations: readonly Station[]): readonly Pair[] {
  return stations
    .filter(({ namespace }) => namespace !== undefined)
    .flatMap((from) => stations.filter((to) => to !== from).map((to) => ({ from, to })))
}

/**
 * What the scenario tenants-gre promises: a tenant's workloads reach each other, their router and the outside; nobody
 * reaches anything of another tenant; the outside reaches the gateway's own address and nothing behind it.
 */
export function mayPass({ from, to }: Pair): boolean {
  if (to.role === 'gateway' || to.role === 'outside') return true
  return from.role === 'workload' && from.tenant === to.tenant
}

/** Whether a cell is as promised: every packet answered, or none answered and a flow named that dropped them. */
export function isAsPromised(cell: Cell): boolean {
  if (cell.sent === 0) return false
  if (mayPass(cell)) return cell.received === cell.sent
  return cell.received === 0 && cell.drop !== undefined
}

/** The matrix for people, a line for each pair. */
export function matrixLines(cells: readonly Cell[]): string[] {
  const rows = cells.map((cell) => [
    isAsPromised(cell) ? '✔' : '✘',
    cell.from.name,
    `→ ${cell.to.name}`,
    cell.to.address,
    outcome(cell),
    explanation(cell),
  ])
  return formatTable(rows)
}

function outcome({ sent, received }: Cell): string {
  if (sent > 0 && received === sent) return 'passed'
  return received === 0 ? 'dropped' : `${received} of ${sent} passed`
}

function explanation(cell: Cell): string {
  const { drop, sent, received } = cell
  const promised = isAsPromised(cell) ? '' : ` (promised: ${mayPass(cell) ? 'passes' : 'dropped'})`
  if (sent > 0 && received === sent) return promised.trimStart()
  if (!drop) return `by no flow that could be found${promised}`
  return `by ${placeOf(drop)}, ${drop.host} ${drop.tableName}: ${drop.rule}${promised}`
}
