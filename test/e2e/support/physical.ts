import type { TestCluster } from './test-cluster.js'

/** A physical station: an access port of the physical bridge of a host that has nothing else to do with it. */
export interface Physical {
  /** Namespace of the lab in which it is, as `desk`. */
  readonly at: 'outside' | 'station'
  readonly tag: number
  readonly mac: string
  /** With prefix length. */
  readonly address: string
  /** The router of its VLAN, and what it reaches by it. */
  readonly router: string
  readonly beyond: string
}

/** Plugs a physical station into a host's bridge. */
export async function plugIn(
  { lab }: TestCluster,
  host: string,
  bridge: string,
  { at, tag, mac, address, router, beyond }: Physical,
): Promise<void> {
  const device = `desk${tag}`
  const namespace = `${lab.site.name}.${at}`
  const commands = [
    `ip link add ${device} type veth peer name desk address ${mac} netns ${namespace}`,
    `ip link set ${device} up`,
    `ovs-vsctl add-port ${bridge} ${device} tag=${tag}`,
  ]
  const inside = [
    'ethtool -K desk tx off',
    'ip link set desk up',
    `ip address add ${address} dev desk`,
    `ip route add ${beyond} via ${router}`,
  ]
  for (const [name, list] of [
    [host, commands],
    [at, inside],
  ] as const)
    for (const command of list) {
      const { status, stderr } = await lab.exec(name, ['sh', '-c', command])
      if (status !== 0) throw new Error(`${name}: ${command}: ${stderr}`)
    }
}
