import { z } from 'zod'
import type { ServicePort } from '../../model/rows.js'
import { address, name } from '../text/fields.js'
import type { Complaint } from './rule.js'
import { rule } from './rule.js'
import { selector } from './selector.js'
import { formatServicePort, servicePort } from './service-port.js'

const addresses = z
  .union([address(), z.array(address()).min(1).max(2)])
  .transform((value) => (typeof value === 'string' ? [value] : value))

export const service = z
  .strictObject({
    kind: z.literal('Service').describe('A virtual address in front of several workloads.'),
    tenant: name.describe('Tenant of the backends, and of whoever asks them.'),
    name: name.describe('Name of the service.'),
    address: addresses.describe(
      'Virtual address, or one of IPv4 and one of IPv6: free ones of a network of the tenant, or outside all of them.',
    ),
    ports: z
      .array(servicePort)
      .min(1)
      .optional()
      .describe(
        'What may be asked for: tcp/80, tcp/80:8080 where backends listen on another port, tcp/8000-8100, tcp; default: everything, whatever the protocol.',
      ),
    backends: selector.describe('Labels of the workloads that answer; {} is every one of the tenant.'),
    affinity: z
      .enum(['connection', 'source'])
      .default('connection')
      .describe('What goes to one backend: each connection, or everything from one client address.'),
  })
  .describe('A virtual address that workloads of the tenant answer in turn.')
  .superRefine(rule(complaints))

function* complaints(fields: {
  readonly address: readonly string[]
  readonly ports?: readonly ServicePort[] | undefined
}): Generator<Complaint> {
  const [first, second] = fields.address
  if (first !== undefined && second !== undefined && first.includes(':') === second.includes(':')) {
    const message = `address ${second} is of the same IP version as ${first}: expected one of each`
    yield { code: 'bad-address', path: ['address', 1], message }
  }
  const ports = fields.ports ?? []
  for (const [index, port] of ports.entries()) {
    const other = ports.slice(0, index).find((each) => overlap(each, port))
    if (!other) continue
    const message = `${formatServicePort(port)} is in the list twice: ${formatServicePort(other)} has it too`
    yield { code: 'duplicate-port', path: ['ports', index], message }
  }
}

function overlap(a: ServicePort, b: ServicePort): boolean {
  if (a.protocol !== b.protocol) return false
  return !a.range || !b.range || (a.range[0] <= b.range[1] && b.range[0] <= a.range[1])
}
