import { BlockList, isIPv4 } from 'node:net'

/** Whether one of the CIDR blocks has the address. */
export type Blocks = (address: string) => boolean

export function blocksOf(cidrs: readonly string[]): Blocks {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [first = '', length] = cidr.split('/')
    list.addSubnet(first, Number(length), versionOf(first))
  }
  return (address) => list.check(address, versionOf(address))
}

export function inBlock(cidr: string | undefined, address: string): boolean {
  if (cidr === undefined || isIPv4(address) !== isIPv4(cidr.slice(0, cidr.indexOf('/')))) return false
  return blocksOf([cidr])(address)
}

function versionOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}
