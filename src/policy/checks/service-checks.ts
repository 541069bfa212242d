/** Virtual addresses among those that networks, peers and workloads have. */
import { type Address, type Block, contains, isStation, parseAddress, parseBlock } from '../address.js'
import { reservedBlock } from '../allocation/allocations.js'
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
  /** Blocks that workloads of the tenant may use. */
  readonly reserved: readonly Reserved[]
}

/** Complains of virtual addresses that are somebody else's, or no station's. */
export function* serviceComplaints(
  { fields }: PolicyObject<'Service'>,
  { networks, reaches, reserved }: Surroundings,
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
    yield* reservedComplaints(reserved, address, text, path)
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

/** A block that a workload may use, and nobody else. */
interface Reserved {
  readonly user: PolicyObject<'Workload'>
  /** Which of the entries of its `allowed` it is. */
  readonly index: number
  readonly ip: string
  readonly block: Block
}

/** What workloads may use beside their own addresses, as far as that is kept for them. */
export function reservedBy(users: Iterable<PolicyObject<'Workload'>>): readonly Reserved[] {
  return [...users].flatMap((user) =>
    (user.fields.allowed ?? []).flatMap(({ ip }, index) => {
      const block = reservedBlock(ip)
      return block ? [{ user, index, ip, block }] : []
    }),
  )
}

function* reservedComplaints(
  reserved: readonly Reserved[],
  address: Address,
  text: string,
  path: Path,
): Generator<Complaint> {
  for (const { user, index, ip, block } of reserved) {
    if (!contains(block, address)) continue
    const message = `address ${text} is one that ${describe(user.id)} may use: allowed ${ip}`
    yield { code: 'duplicate-address', path, message, other: { object: user, path: ['allowed', index] } }
  }
}
