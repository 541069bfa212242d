import type { ObjectView } from '../api/contract.js'
import type { BackendCounters, Counted } from '../api/counters.js'
import { placeOf } from './place.js'
import { formatTable } from './table.js'

/** A service as `get` answers it. */
interface ServiceView extends ObjectView, Counted {
  readonly address: readonly string[]
  readonly ports?: readonly string[]
  readonly affinity: string
  readonly workloads: readonly BackendCounters[]
}

const heading = ['TENANT', 'SERVICE', 'ADDRESS', 'PORTS', 'AFFINITY', 'PACKETS', 'BACKEND', 'HOST']
const counted = ['CONNECTIONS', 'PLACE']

export function isService(object: ObjectView): object is ServiceView {
  return object.kind === 'Service' && 'workloads' in object
}

/** A row for each service, and below it one for each of its backends. */
export function serviceTable(services: readonly ServiceView[]): string[] {
  const rows = services.flatMap((service) => {
    const { tenant = '-', name, address, ports = ['any'], affinity, packets, workloads } = service
    const own = [tenant, name, address.join(','), ports.join(','), affinity, packets]
    return [[...own, '', '', '', placeOf(service)], ...workloads.map(backendRow)]
  })
  return formatTable([[...heading, ...counted], ...rows])
}

function backendRow({ workload, host = '-', connections }: BackendCounters): string[] {
  return ['', '', '', '', '', '', workload, host, connections]
}
