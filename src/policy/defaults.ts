/** What a document means where it leaves a field out, when that follows from other fields or objects. */
import { formatAddress, parseBlock, stationRange } from './address.js'

/** A router's address where the network names none: the first that a station of the subnet may have. */
export function firstAddress(subnet: string): string | undefined {
  const block = parseBlock(subnet)
  return block === undefined
    ? undefined
    : formatAddress({ family: block.family, value: stationRange(block).first })
}

/** Where stations and the router of a network are. */
export interface NetworkAddresses {
  readonly subnet?: string | undefined
  readonly subnet6?: string | undefined
  readonly gateway?: string | undefined
  readonly gateway6?: string | undefined
}

/** The router's address in a network, IPv4 with `''`, IPv6 with `'6'`; undefined where it has no such subnet. */
export function gatewayOf(fields: NetworkAddresses, family: '' | '6'): string | undefined {
  const subnet = fields[`subnet${family}`]
  return subnet === undefined ? undefined : (fields[`gateway${family}`] ?? firstAddress(subnet))
}
