import { covers, parseBlockOrAddress } from '../src/model/block.js'
import type { Reads } from '../src/model/reads.js'
import type { Allowance, NetworkRow, WorkloadRow } from '../src/model/rows.js'
import { call, set } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { family } from './addresses.js'

/** Addresses within a network that workloads may use beside their own. */
export interface Holding {
  /** An address, or a CIDR block. */
  readonly ip: string
  /** Higher for smaller blocks, highest for an address; apart from those of {@link priorities}. */
  readonly priority: number
  /** The MACs that may have it. */
  readonly macs: readonly string[]
  /** The workloads that may use it, by id. */
  readonly holders: readonly WorkloadRow[]
}

/** What decides over an address, from what is known for certain to what is left over. */
export const priorities = {
  tooLarge: 400,
  via: 350,
  station: 300,
  own: 200,
  blocks: 20,
  wire: 5,
  nobody: 1,
} as const

/**
 * The addresses of which a workload is the first that may use them beside its own, as far as its network has them: each
 * is of one workload that way.
 */
export function holdingsOf(workload: WorkloadRow, network: NetworkRow, reads: Reads): readonly Holding[] {
  const ips = new Set((workload.allowed ?? []).map(({ ip }) => ip))
  return [...ips].flatMap((ip) => {
    const allowed = reads.by('workloadsByAllowance', `${network.id} ${ip}`)
    if (allowed[0]?.id !== workload.id || !isWithin(network, ip)) return []
    const owners = reads.by('workloadsByAddress', `${workload.tenant} ${ip}`)
    const holders = [...allowed, ...owners.filter((owner) => isOther(owner, network, allowed))].sort(byId)
    const macs = holders.flatMap((holder) => macsFor(holder, ip))
    const length = parseBlockOrAddress(ip).length
    const priority = ip.includes('/') ? priorities.blocks + length : priorities.own + 10
    return { ip, priority, holders, macs: [...new Set(macs)] }
  })
}

/** The addresses that a workload and others may use, each with a MAC with which this one may. */
export function sharedBy(workload: WorkloadRow, network: NetworkRow, reads: Reads): readonly Allowance[] {
  const own = workload.addresses.map((ip) => ({ ip, mac: workload.mac }))
  return [...own, ...(workload.allowed ?? [])].filter(({ ip }) => {
    const [first] = reads.by('workloadsByAllowance', `${network.id} ${ip}`)
    return (
      first && holdingsOf(first, network, reads).some((holding) => holding.ip === ip && isShared(holding))
    )
  })
}

/** The addresses that nobody but this workload may use, beside its own. */
export function solelyHeldBy(
  workload: WorkloadRow,
  network: NetworkRow,
  reads: Reads,
): readonly { readonly ip: string; readonly priority: number; readonly mac: string }[] {
  return holdingsOf(workload, network, reads).flatMap((holding) => {
    const [mac] = holding.macs
    return isShared(holding) || mac === undefined ? [] : { ...holding, mac }
  })
}

/** Whether several workloads may use it, so that only they know who does. */
export function isShared({ holders, macs }: Holding): boolean {
  return holders.length > 1 || macs.length > 1
}

/** A copy of a question for whoever has this MAC. */
export function ask(mac: string): readonly RuleAction[] {
  return [set('ethDst', mac), call('switch')]
}

/** The MACs that a workload uses, its own first. */
export function macsOf({ mac, allowed = [] }: WorkloadRow): readonly string[] {
  return [...new Set([mac, ...allowed.map((entry) => entry.mac)])]
}

/** The MACs that nobody else in the network uses, its own first. */
export function soleMacsOf(workload: WorkloadRow, reads: Reads): readonly string[] {
  const holders = (mac: string) => reads.by('workloadsByFurtherMac', `${workload.network} ${mac}`)
  return macsOf(workload).filter((mac) => mac === workload.mac || holders(mac).length === 1)
}

/** The MACs with which a workload may use an address or a block. */
function macsFor({ mac, addresses, allowed = [] }: WorkloadRow, ip: string): readonly string[] {
  const further = allowed.filter((entry) => entry.ip === ip).map((entry) => entry.mac)
  return addresses.includes(ip) ? [mac, ...further] : further
}

function isOther(owner: WorkloadRow, network: NetworkRow, known: readonly WorkloadRow[]): boolean {
  return owner.network === network.id && !known.some(({ id }) => id === owner.id)
}

function isWithin({ subnet, subnet6 }: NetworkRow, ip: string): boolean {
  const block = family(ip) === 4 ? subnet : subnet6
  return block !== undefined && covers(block, ip)
}

function byId(a: WorkloadRow, b: WorkloadRow): number {
  return a.id < b.id ? -1 : 1
}
