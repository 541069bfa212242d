/** Virtual addresses among those that networks, peers and workloads have. */
import { type Address, contains, isStation, parseAddress, parseBlock } from '../address.js'
import { largestReserved } from '../allocation/allocations.js'
import { gatewayOf } from '../defaults.js'
import type { PolicyObject } from '../object.js'
import { describe } from '../object.js'
import type { Path } from '../text/yaml.js'
import type { Complaint } from './problem.js'
import type { Reach } from './reach.js'

/** What a tenant's virtual addresses are held against. */
interface Surroundings {
  /** Networks of the tenant. */
  readonly networks: readonly PolicyObject<'Network'>[]
  /** Subnets that its router reaches. */
  readonly reaches: readonly Reach[]
  /** Workloads of the tenant that may use further addresses. */
  readonly users: readonly PolicyObject<'Workload'>[]
}

export function* serviceComplaints(
  { fields }: PolicyObject<'Service'>,
  { networks, reaches, users }: Surroundings,
): Generator<Complaint> {
  for (const [index, text] of fields.address.entries()) {
    const address = parseAddress(text)
    if (address === undefined) continue
    const path = ['address', index]
    for (const network of networks) yield* networkComplaints(network, address, text, path)
    for (const { block, network, field, peering } of reaches) {
      if (peering === undefined || !contains(block, address)) continue
      const message = `address ${text} is in ${describe(network.id)} of peer ${peering.fields.peer}`
      yield { code: 'overlapping-peers', path, message, other: { object: network, path: [field] } }
    }
    for (const user of users) yield* userComplaints(user, address, text, path)
  }
}

function* networkComplaints(
  network: PolicyObject<'Network'>,
  address: Address,
  text: string,
  path: Path,
): Generator<Complaint> {
  const family = address.family === 6 ? '6' : ''
  const subnet = network.fields[`subnet${family}`]
  const block = parseBlock(subnet ?? '')
  if (block === undefined || !contains(block, address)) return
  if (text === gatewayOf(network.fields, family)) {
    const message = `address ${text} is the gateway of ${describe(network.id)}`
    const other = { object: network, path: [`gateway${family}`] }
    yield { code: 'duplicate-address', path, message, other }
  } else if (!isStation(block, address)) {
    const message = `address ${text} is not an address of a station in ${describe(network.id)} ${subnet}`
    const other = { object: network, path: [`subnet${family}`] }
    yield { code: 'address-outside-subnet', path, message, other }
  }
}

function* userComplaints(
  user: PolicyObject<'Workload'>,
  address: Address,
  text: string,
  path: Path,
): Generator<Complaint> {
  for (const [index, { ip }] of (user.fields.allowed ?? []).entries()) {
    const block = parseBlock(ip.includes('/') ? ip : `${ip}/${ip.includes(':') ? 128 : 32}`)
    if (block === undefined || block.last - block.first >= largestReserved || !contains(block, address))
      continue
    const message = `address ${text} is one that ${describe(user.id)} may use: allowed ${ip}`
    yield { code: 'duplicate-address', path, message, other: { object: user, path: ['allowed', index] } }
  }
}
