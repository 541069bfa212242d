import { checksumOffloadOff, inParallel } from '../attach/index.js'
import { inNamespace, ipBatch, output } from './command.js'
import { devicesIn, removeLinks } from './devices.js'
import { interfaceName, namespaceOf, type Site } from './names.js'
import { daemonPid, hostEnvironment } from './ovs.js'
import type { AddressThing, LinkThing, WireThing } from './thing.js'

const wireNamespace = (site: Site): string => namespaceOf(site, 'wire')

/** The bit of LLDP's group address, whose frames a bridge of Linux keeps to itself otherwise (IEEE 802.1Q, table 8-1). */
const lldpMask = 0x4000

/** The end in the wire's namespace: `u.` on the underlay, `o.` on the outside. */
export const wireEnd = ({ id, spec }: LinkThing): string =>
  interfaceName(
    spec.wire === 'underlay' ? 'u.' : 'o.',
    spec.wire === 'underlay' ? spec.namespace : id.replace(' ', '.'),
  )

/** The end of a cable between two wires that is in one of them. */
const joint = (wire: string): string => `j.${wire}`

export const createWires = (site: Site, things: readonly WireThing[]): Promise<void> =>
  ipBatch(
    site,
    wireNamespace(site),
    things.flatMap(({ id, spec: { joined } }) => [
      `link add ${id} type bridge stp_state 0 forward_delay 0 mcast_snooping 0 group_fwd_mask ${lldpMask}`,
      `link set ${id} up`,
      ...(joined === undefined
        ? []
        : [
            `link add ${joint(id)} type veth peer name ${joint(joined)}`,
            `link set ${joint(id)} master ${id} up`,
            `link set ${joint(joined)} master ${joined} up`,
          ]),
    ]),
  )

export const removeWires = (site: Site, things: readonly WireThing[]): Promise<void> =>
  removeLinks(
    site,
    wireNamespace(site),
    things.flatMap(({ id, spec: { joined } }) => (joined === undefined ? [id] : [joint(id), id])),
  )

export const createLinks = (site: Site, things: readonly LinkThing[]): Promise<void> =>
  inParallel(things, 8, async (thing) => {
    const { wire, device, mtu, bridge } = thing.spec
    const end = wireEnd(thing)
    const namespace = namespaceOf(site, thing.spec.namespace)
    await ipBatch(site, wireNamespace(site), [
      `link add ${end} mtu ${mtu} type veth peer name ${device} mtu ${mtu} netns ${namespace}`,
      `link set ${end} master ${wire} up`,
    ])
    // The kernel sees what comes in by a port of the user-space datapath: it is not to answer for the bridge's addresses.
    await ipBatch(site, namespace, [`link set ${device} ${bridge === undefined ? '' : 'arp off '}up`])
    await output(site, inNamespace(namespace, checksumOffloadOff(device)))
    if (bridge === undefined) return
    const env = hostEnvironment(site, thing.spec.namespace)
    const ports = ['add-port', bridge, device, '--', 'set', 'Interface', bridge, `mtu_request=${mtu}`]
    const create = [
      'add-br',
      bridge,
      '--',
      'set',
      'Bridge',
      bridge,
      'datapath_type=netdev',
      'fail_mode=standalone',
      // What an operator sets who wants to see LLDP neighbours (docs/operating.md).
      ...(wire === 'outside' ? ['other_config:forward-bpdu=true'] : []),
    ]
    await output(site, inNamespace(namespace, ['ovs-vsctl', ...create, '--', ...ports]), { env })
    await ipBatch(site, namespace, [`link set ${bridge} up`])
  })

export const removeLinkThings = (site: Site, things: readonly LinkThing[]): Promise<void> =>
  inParallel(things, 8, async (thing) => {
    const { bridge } = thing.spec
    const host = thing.spec.namespace
    if (bridge !== undefined && daemonPid(site, host, 'ovsdb-server') !== undefined) {
      const argv = ['ovs-vsctl', '--no-wait', '--', '--if-exists', 'del-br', bridge]
      await output(site, argv, { env: hostEnvironment(site, host) })
    }
    await removeLinks(site, wireNamespace(site), [wireEnd(thing)])
  })

export const createAddresses = (site: Site, things: readonly AddressThing[]): Promise<void> =>
  inParallel(things, 8, async ({ id, spec: { device, addresses } }) => {
    const namespace = namespaceOf(site, id)
    if (addresses.some((address) => address.includes(':'))) {
      await output(
        site,
        inNamespace(namespace, [
          'sysctl',
          '-qw',
          `net.ipv6.conf.${device}.disable_ipv6=0`,
          `net.ipv6.conf.${device}.keep_addr_on_down=1`,
        ]),
      )
    }
    const nodad = (address: string) => (address.includes(':') ? ' nodad' : '')
    await ipBatch(
      site,
      namespace,
      addresses.map((address) => `address replace ${address} dev ${device}${nodad(address)}`),
    )
  })

export const removeAddresses = (site: Site, things: readonly AddressThing[]): Promise<void> =>
  inParallel(things, 8, async ({ id, spec: { device } }) => {
    const namespace = namespaceOf(site, id)
    const present = await devicesIn(site, namespace)
    if (present.has(device)) await ipBatch(site, namespace, [`address flush dev ${device} scope global`])
  })
