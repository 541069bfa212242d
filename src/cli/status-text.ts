import type { HostStatus, Status } from '../api/contract.js'
import type { Output } from './output.js'
import { errorText, placeOf } from './place.js'
import { formatTable } from './table.js'

const heading = ['HOST', 'STATE', 'OPENFLOW', 'REVISION', 'FLOWS', 'REPAIRED']

/** The status for people: revision, what is wrong, a row for each host. */
export function statusLines(status: Status, output: Output): string[] {
  const state = status.converged
    ? output.paint('green', 'converged')
    : output.paint('yellow', `not converged: ${waitingFor(status)}`)
  return [
    `revision ${status.revision}, ${state}`,
    ...(status.refused === undefined ? [] : [output.paint('red', `refused: ${status.refused}`)]),
    ...status.errors.map((error) => output.paint('red', errorText(error))),
    ...status.warnings.map((warning) => output.paint('yellow', `warning: ${warning}`)),
    ...(status.hosts.length === 0 ? ['no hosts'] : ['', ...hostTable(status, output)]),
    ...status.hosts.flatMap(repairLine),
  ]
}

function hostTable(status: Status, output: Output): string[] {
  const rows = status.hosts.map((host) => [
    host.name,
    hostState(host, output),
    host.version ?? '-',
    String(host.revision),
    host.flows === host.desired ? String(host.flows) : `${host.flows} of ${host.desired}`,
    String(host.repaired),
  ])
  return formatTable([heading.map((title) => output.paint('bold', title)), ...rows])
}

function hostState(host: HostStatus, output: Output): string {
  const state = host.connected ? output.paint('green', 'connected') : output.paint('red', 'not connected')
  return host.reason === undefined ? state : `${state}: ${host.reason}`
}

function repairLine(host: HostStatus): string[] {
  const repair = host.lastRepair
  if (repair === undefined) return []
  const source = repair.source === undefined ? '' : ` (${repair.source.object}, ${placeOf(repair.source)})`
  return [
    `${host.name}: repaired at ${repair.time}: flow was ${repair.cause}${source}: ${repair.flow.trim()}`,
  ]
}

/** Which hosts a revision waits for, in words. */
export function waitingFor(status: Status): string {
  const late = status.hosts.filter((host) => host.connected && host.revision < status.revision)
  const unreachable = status.hosts.filter((host) => !host.connected)
  const waiting = [
    ...late.map((host) => `${host.name} (revision ${host.revision})`),
    ...unreachable.map((host) => `${host.name} (${host.reason ?? 'not connected'})`),
  ]
  const has = status.hosts.length - waiting.length
  const count = `${has} of ${status.hosts.length} hosts have revision ${status.revision}`
  return waiting.length === 0 ? count : `${count}, waiting for ${waiting.join(', ')}`
}
