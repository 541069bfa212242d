import { z } from 'zod'
import { formatAddress, parseAddress } from '../address.js'
import { name, readBlock } from '../text/fields.js'
import { reading } from '../text/reading.js'

const entry = reading({ type: 'string' }, (value) => {
  const address = typeof value === 'string' ? parseAddress(value) : undefined
  if (address === undefined) return readBlock(value, 'is neither an IP address nor a CIDR block')
  return `${formatAddress(address)}/${address.family === 4 ? 32 : 128}`
})

export const addressGroup = z
  .strictObject({
    kind: z.literal('AddressGroup').describe('A named list of addresses.'),
    tenant: name
      .optional()
      .describe(
        'Tenant whose policies can name the group; default: those of every tenant and of the cluster.',
      ),
    name: name.describe('Name of the group.'),
    addresses: z
      .array(entry)
      .describe(
        'IP addresses and CIDR blocks, IPv4 and IPv6, thousands of them; what is there twice counts once.',
      ),
  })
  .describe('A named list of addresses, for the peers of policies.')
