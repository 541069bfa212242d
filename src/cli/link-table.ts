import type { ObjectView } from '../api/contract.js'
import type { LinkEnd, LinkView, NeighbourView } from '../api/link-view.js'
import { formatTable } from './table.js'

const heading = ['NAME', 'TYPE', 'STATE', 'FROM', 'TO', 'ENCAPSULATION', 'BFD', 'LAST-SEEN', 'REMARK']

export function isLink(object: ObjectView): object is LinkView {
  return object.kind === 'Link' && 'ends' in object && 'state' in object
}

/** A row for each link, and below an uplink one for each neighbour that announces itself there. */
export function linkTable(links: readonly LinkView[]): string[] {
  return formatTable([heading, ...links.flatMap((link) => [linkRow(link), ...neighbourRows(link)])])
}

function linkRow(link: LinkView): string[] {
  const { name, type, state, ends, encapsulation, bfd, silentMs } = link
  const [from, to] = ends
  return [
    ...[name, type, state, endText(from), endText(to), encapsulation],
    bfd ? [...new Set(Object.values(bfd))].join('/') : '-',
    silentMs === undefined ? 'never' : ago(silentMs / 1000),
    remark(link),
  ]
}

function remark({ reason, type, passesLldp, ends: [{ bridge }] }: LinkView): string {
  if (reason !== undefined) return reason
  return type === 'uplink' && passesLldp === false ? `${bridge} keeps LLDP to itself` : '-'
}

function neighbourRows({ neighbours = [], ends: [{ host = '-' }] }: LinkView): string[][] {
  return neighbours.map((neighbour) => [
    ...['', 'lldp', 'heard', host, neighbourText(neighbour), '-', '-'],
    ago(neighbour.silentMs / 1000),
    `for ${neighbour.ttlSeconds} s`,
  ])
}

function neighbourText({ systemName, chassis, port }: NeighbourView): string {
  return systemName === undefined ? `${chassis} port ${port}` : `${systemName} (${chassis}) port ${port}`
}

function endText({ host, address, bridge, devices = [] }: LinkEnd): string {
  const place = bridge === undefined ? undefined : [bridge, ...devices].join('/')
  const parts = [host, place, address].filter((part) => part !== undefined)
  return parts.length === 0 ? '-' : parts.join(' ')
}

function ago(seconds: number): string {
  return `${Math.max(0, seconds).toFixed(seconds < 10 ? 1 : 0)} s ago`
}
