import { z } from 'zod'
import { address, labels, mac, name, plain, reference } from '../fields.js'

const addresses = z
  .union([address(), z.array(address()).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value))

export const workload = z
  .strictObject({
    kind: z.literal('Workload').describe('An end station: container, VM, namespace.'),
    tenant: name.describe('Tenant that the workload belongs to.'),
    name: name.describe('Name of the workload.'),
    network: reference.describe('Network of the same tenant that the workload is in.'),
    mac: mac.optional().describe('MAC address; default: allocated.'),
    ip: addresses
      .optional()
      .describe('Address or list of addresses, IPv4 and IPv6; default: one of each subnet is allocated.'),
    interface: plain('the iface-id of an interface')
      .optional()
      .describe('The value of external_ids:iface-id that binds the workload; default: tenant/name.'),
    labels,
  })
  .describe('An end station. It runs on whichever host has an Interface with its iface-id.')
