import { z } from 'zod'
import type { PortForwardRow } from '../../model/rows.js'
import { addressOrHost, name, namePattern } from '../text/fields.js'
import { reading, Unreadable } from '../text/reading.js'

/** A protocol with one port. */
export type OutsidePort = Pick<PortForwardRow, 'protocol' | 'port'>

/** A workload of the same tenant with a port. */
export interface Target {
  readonly workload: string
  readonly port: number
}

const port = reading({ type: 'string', pattern: '^(tcp|udp|sctp)/[1-9]\\d{0,4}$' }, readPort)
const target = reading({ type: 'string', pattern: '^[a-z0-9][a-z0-9.-]*:[1-9]\\d{0,4}$' }, readTarget)

export const portForward = z
  .strictObject({
    kind: z.literal('PortForward').describe("One outside address and port for one workload's port."),
    tenant: name.describe('Tenant of the workload.'),
    name: name.describe('Name of the forward.'),
    address: addressOrHost().describe(
      "Address outside, in a subnet of the gateway: the gateway's own, or one that only translations have; host: that of a gateway with address: host.",
    ),
    port: port.describe('Protocol and port outside: tcp/10080; also udp and sctp.'),
    to: target.describe('Workload of the same tenant and its port: web:80.'),
    gateway: name.describe('Gateway that answers for the address.'),
  })
  .describe('A port of a workload published as a port of an outside address.')

function readPort(value: unknown): OutsidePort | Unreadable {
  const parts = typeof value === 'string' ? /^(tcp|udp|sctp)\/([1-9]\d{0,4})$/.exec(value) : null
  const protocol = (['tcp', 'udp', 'sctp'] as const).find((known) => known === parts?.[1])
  const number = Number(parts?.[2])
  if (protocol !== undefined && number <= 65_535) return { protocol, port: number }
  return new Unreadable('bad-port', 'is not a protocol and a port: expected tcp/PORT, udp/PORT or sctp/PORT')
}

function readTarget(value: unknown): Target | Unreadable {
  const parts = typeof value === 'string' ? /^([^:]+):([1-9]\d{0,4})$/.exec(value) : null
  const [, workload = '', digits] = parts ?? []
  const number = Number(digits)
  if (namePattern.test(workload) && number <= 65_535) return { workload, port: number }
  return new Unreadable(
    'bad-target',
    'is not a workload of the same tenant and its port: expected NAME:PORT such as web:80',
  )
}
