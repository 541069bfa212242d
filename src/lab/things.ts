import { isIPv6 } from 'node:net'
import {
  coveringPrefix,
  formatAddress,
  parseAddress,
  parseInterfaceAddress,
  stationAddress,
} from './address.js'
import { LabError } from './error.js'
import type { LabHost, LabPlan, LabWorkload } from './plan.js'
import type { AddressThing, LinkThing, PlugThing, Thing } from './thing.js'

/** The bridge of a host that carries its tunnels' outer addresses, where no gateway has them. */
const defaultUnderlayBridge = 'br-underlay'
const defaultMtu = 1500

/** Whether underlay and outside are one network: where a gateway has the address at which its host has tunnels. */
const isJoined = ({ hosts }: LabPlan): boolean =>
  hosts.some(({ underlayBridge }) => underlayBridge !== undefined)

/** Everything of a lab but its controller and the plugs of its workloads. */
export function thingsOf(plan: LabPlan): Thing[] {
  const placed = Object.values(plan.place).flat()
  const hosts = plan.hosts.map(({ name }) => name)
  const outside = plan.outside === undefined ? [] : ['outside', 'station']
  return [
    ...['wire', 'controller', ...outside].map((id) => namespace(id, 'fixed')),
    ...hosts.map((id) => namespace(id, 'host')),
    ...placed.map((id) => namespace(id, 'workload')),
    { kind: 'wire', id: 'underlay', spec: {} },
    { kind: 'wire', id: 'outside', spec: isJoined(plan) ? { joined: 'underlay' } : {} },
    ...plan.hosts.map(ovs),
    ...links(plan),
    ...addresses(plan),
  ]
}

/** The plugs of those placed workloads that `workloads` describes. */
export function plugsOf(plan: LabPlan, workloads: readonly LabWorkload[]): PlugThing[] {
  const byId = new Map(workloads.map((workload) => [workload.id, workload]))
  return plan.hosts.flatMap(({ name, bridge = 'br-int' }) =>
    (plan.place[name] ?? []).flatMap((id) => {
      const workload = byId.get(id)
      return workload === undefined
        ? []
        : [{ kind: 'plug', id, spec: { host: name, bridge, workload } } as const]
    }),
  )
}

const namespace = (id: string, role: 'host' | 'workload' | 'fixed'): Thing => ({
  kind: 'namespace',
  id,
  spec: { role },
})

/** The two forms of an OVSDB endpoint that a lab can serve. Throws LabError `bad-plan` for others. */
export function parseEndpoint(text: string): { ip: string; port: string } | { path: string } {
  const unix = /^unix:(\/.+)$/.exec(text)?.[1]
  if (unix !== undefined) return { path: unix }
  const [, six, four, port] = /^tcp:(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? []
  const ip = six ?? four
  if (ip === undefined || port === undefined) {
    throw new LabError('bad-plan', `ovsdb ${text}: a lab serves tcp:IP:PORT, tcp:[IP6]:PORT and unix:/PATH`)
  }
  return { ip, port }
}

function ovs({ name, ovsdb }: LabHost): Thing {
  const endpoint = parseEndpoint(ovsdb)
  if ('path' in endpoint) {
    return { kind: 'ovs', id: name, spec: { remotes: [`punix:${endpoint.path}`], files: [endpoint.path] } }
  }
  // Any address of that family: the endpoint's own is not there before ovs-vswitchd runs.
  const any = isIPv6(endpoint.ip) ? '[::]' : '0.0.0.0'
  return { kind: 'ovs', id: name, spec: { remotes: [`ptcp:${endpoint.port}:${any}`], files: [] } }
}

function links({ hosts, gateways, outside }: LabPlan): LinkThing[] {
  const mtuOf = new Map(hosts.map(({ name, underlayMtu = defaultMtu }) => [name, underlayMtu]))
  const uplink = (host: string, wire: 'underlay' | 'outside', bridge: string, device: string): LinkThing => ({
    kind: 'link',
    id: `${host} ${bridge}`,
    spec: {
      namespace: host,
      wire,
      device,
      mtu: wire === 'underlay' ? (mtuOf.get(host) ?? defaultMtu) : defaultMtu,
      bridge,
    },
  })
  const station = (id: string, wire: 'underlay' | 'outside', mtu: number): LinkThing => ({
    kind: 'link',
    id: `${id} eth0`,
    spec: { namespace: id, wire, device: 'eth0', mtu },
  })
  const isUnderlay = (bridge: string) => (host: string) =>
    hosts.some(({ name, underlayBridge }) => name === host && underlayBridge === bridge)
  const exits = new Map(
    gateways.flatMap(({ hosts: members, bridge }) =>
      members
        .filter((host) => !isUnderlay(bridge)(host))
        .map(
          (host) =>
            [`${host} ${bridge}`, uplink(host, 'outside', bridge, `up-${bridge}`.slice(0, 15))] as const,
        ),
    ),
  )
  return [
    ...hosts.map(({ name, underlayBridge = defaultUnderlayBridge }) =>
      uplink(name, 'underlay', underlayBridge, 'uplink'),
    ),
    ...exits.values(),
    station('controller', 'underlay', Math.min(defaultMtu, ...mtuOf.values())),
    ...(outside === undefined ? [] : ['outside', 'station'].map((id) => station(id, 'outside', defaultMtu))),
  ]
}

/** Tunnel and OVSDB addresses on the hosts, one of the same prefix for the controller; the outside's and the station's. */
function addresses(plan: LabPlan): AddressThing[] {
  const { hosts, outside } = plan
  const own = new Map(
    hosts.map(({ name, tunnelIp, ovsdb }) => {
      const endpoint = parseEndpoint(ovsdb)
      const texts = 'ip' in endpoint ? [tunnelIp, endpoint.ip] : [tunnelIp]
      return [
        name,
        [...new Map(texts.map((text) => [parseAddress(text).value, parseAddress(text)])).values()],
      ]
    }),
  )
  const beside = isJoined(plan)
    ? (outside?.addresses ?? []).flatMap((address) => [address, stationAddress(address)])
    : []
  const all = [...own.values(), beside.map((text) => parseInterfaceAddress(text).address)].flat()
  const prefixes = ([4, 6] as const).flatMap((family) => {
    const members = all.filter((address) => address.family === family)
    return members.length === 0 ? [] : [{ family, ...coveringPrefix(members) }]
  })
  const withLength = (address: { family: 4 | 6; value: bigint }) =>
    prefixes.flatMap(({ family, length }) =>
      family === address.family ? [`${formatAddress(address)}/${length}`] : [],
    )
  const thing = (id: string, device: string, list: readonly string[]): AddressThing => ({
    kind: 'address',
    id,
    spec: { device, addresses: list },
  })
  return [
    ...hosts.map(({ name, underlayBridge = defaultUnderlayBridge }) =>
      thing(name, underlayBridge, (own.get(name) ?? []).flatMap(withLength)),
    ),
    thing(
      'controller',
      'eth0',
      prefixes.flatMap(({ free }) => withLength(free)),
    ),
    ...(outside === undefined
      ? []
      : [
          thing('outside', 'eth0', outside.addresses),
          thing('station', 'eth0', outside.addresses.map(stationAddress)),
        ]),
  ]
}
