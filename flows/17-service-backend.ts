import type { BackendRow, ServicePort } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { type RuleFlow, rule, table } from '../src/pipeline/table.js'
import { to } from './protocols.js'
import { reg } from './registers.js'
import { scope } from './scopes.js'
import { partsOf, toPortOf, turnedToPortOf } from './services.js'

/** A new connection to a service, with the backend that it gets: its packets are for that from now on. */
export default table(
  import.meta.url,
  {
    matches: [
      reg.tenant,
      reg.destination,
      'ctState',
      'ctZone',
      'ctNwProto',
      'ctTpDst',
      'ethType',
      'ipv4Dst',
      'ipv6Dst',
      'ipProto',
      'tcpDst',
      'udpDst',
      'sctpDst',
    ],
    next: ['service-translated'],
  },
  [
    rule(
      'backend of a service',
      'backend',
      ({ service }) => scope.service(service),
      function* (backend, model) {
        const parts = partsOf(backend, model)
        const { virtual, key } = backend
        for (const { tenant } of parts?.audiences ?? []) {
          const { number } = tenant
          const at = { [reg.tenant]: number, [reg.destination]: key, ...to(virtual) }
          yield translate(100, at, number, backend)
          for (const port of parts?.service.ports ?? [])
            if (port.target !== undefined) {
              for (const match of toPortOf(port, virtual))
                yield translate(200, { ...at, ...match }, number, backend, port)
              for (const match of turnedToPortOf(port))
                yield translate(210, { ...at, ...match }, number, backend, port)
            }
        }
      },
    ),
  ],
)

function translate(
  priority: number,
  match: Match,
  zone: number,
  { address }: BackendRow,
  { target }: Partial<ServicePort> = {},
): RuleFlow {
  const nat = { kind: 'dst', address, ...(target === undefined ? {} : { port: target }) } as const
  return { priority, match, actions: [{ type: 'ct', commit: true, zone, nat, table: 'service-translated' }] }
}
