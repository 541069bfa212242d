import { inNetns, output, type Run } from './command.js'

/** A network device, as far as attach looks at it. */
export interface Link {
  readonly name: string
  readonly index: number
  /** Such as `veth`; undefined for devices of hardware. */
  readonly kind?: string
  readonly mac?: string
  readonly mtu: number
  /** Index of the other end of a pair, where that is in another namespace. */
  readonly peer?: number
  /** Global addresses with prefix length. */
  readonly addresses: readonly string[]
}

/** The devices of a namespace, by name: the host's, or those at a path. */
export async function linksOf(run: Run, netns?: string): Promise<ReadonlyMap<string, Link>> {
  const there = netns === undefined ? run : inNetns(run, netns)
  const found: readonly IpAddressShow[] = JSON.parse(
    await output(there, ['ip', '-d', '-j', 'address', 'show']),
  )
  return new Map(found.map((each) => [each.ifname, link(each)]))
}

/** What `ip -d -j address show` prints of each device. */
interface IpAddressShow {
  readonly ifname: string
  readonly ifindex: number
  readonly mtu: number
  readonly address?: string
  readonly link_index?: number
  readonly linkinfo?: { readonly info_kind?: string }
  readonly addr_info?: readonly {
    readonly local?: string
    readonly prefixlen?: number
    readonly scope?: string
  }[]
}

function link({ ifname, ifindex, mtu, address, link_index, linkinfo, addr_info = [] }: IpAddressShow): Link {
  return {
    name: ifname,
    index: ifindex,
    mtu,
    ...(linkinfo?.info_kind === undefined ? {} : { kind: linkinfo.info_kind }),
    ...(address === undefined ? {} : { mac: address }),
    ...(link_index === undefined ? {} : { peer: link_index }),
    addresses: addr_info
      .filter(({ local, scope }) => local !== undefined && scope === 'global')
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  }
}

/** Whether two devices of two namespaces are the ends of one veth pair. */
export const isPair = (outer: Link | undefined, inner: Link | undefined): boolean =>
  outer?.kind === 'veth' && inner?.kind === 'veth' && outer.peer === inner.index && inner.peer === outer.index

/** Deletes a device of the host; one that has gone meanwhile is as good. */
export async function removeLink(run: Run, name: string): Promise<void> {
  const { status } = await run(['ip', 'link', 'del', name])
  if (status !== 0 && (await linksOf(run)).has(name)) await output(run, ['ip', 'link', 'del', name])
}
