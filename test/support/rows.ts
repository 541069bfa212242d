import type {
  BandwidthRow,
  Change,
  EgressRow,
  FloatingIpRow,
  GatewayRow,
  HostRow,
  MirrorRow,
  NetworkRow,
  PortForwardRow,
  PortRow,
  RouteRow,
  ServiceRow,
  TenantRow,
  WorkloadRow,
} from '../../src/model/rows.js'

/** Rows for tests: what a test does not care about has a sensible value. */
export function host(id: string, n: number, more: Partial<HostRow> = {}): HostRow {
  return {
    id,
    ovsdb: `tcp:10.0.0.${n}:6640`,
    tunnelIp: `10.0.0.${n}`,
    bridge: 'br-int',
    underlayMtu: 1500,
    labels: {},
    ...more,
  }
}

export function tenant(id: string, number: number): TenantRow {
  return { id, number, labels: {} }
}

export function network(id: string, vni: number, more: Partial<NetworkRow> = {}): NetworkRow {
  const [owner = '', name = ''] = id.split('/')
  return {
    id,
    tenant: owner,
    name,
    vni,
    subnet: `192.168.${vni}.0/24`,
    gateway: `192.168.${vni}.1`,
    mtu: 1450,
    routed: true,
    ...more,
  }
}

export function workload(id: string, of: string, key: number, more: Partial<WorkloadRow> = {}): WorkloadRow {
  const [owner = '', name = ''] = id.split('/')
  const low = key.toString(16).padStart(4, '0')
  return {
    id,
    tenant: owner,
    name,
    network: of,
    mac: `0a:00:00:00:${low.slice(0, 2)}:${low.slice(2)}`,
    addresses: [`192.168.1.${key}`],
    interface: id,
    key,
    labels: {},
    ...more,
  }
}

export function port(on: string, name: string, iface: string, ofport: number): PortRow {
  return { id: `${on}/${name}`, host: on, name, interface: iface, ofport }
}

export function gateway(id: string, number: number, more: Partial<GatewayRow> = {}): GatewayRow {
  return {
    id,
    number,
    key: 1000 + number,
    hosts: ['h1'],
    bridge: 'br-ex',
    mac: '0a:ff:00:00:00:01',
    subnet: '203.0.113.0/24',
    address: '203.0.113.70',
    nextHop: '203.0.113.1',
    bfd: 300,
    preempt: false,
    ...more,
  }
}

export function egress(id: string, translation: number, more: Partial<EgressRow> = {}): EgressRow {
  return { id, tenant: id.split('/')[0] ?? '', translation, gateway: 'out', ...more }
}

export function floatingIp(
  id: string,
  translation: number,
  workload: string,
  more: Partial<FloatingIpRow> = {},
): FloatingIpRow {
  const address = `203.0.113.${translation}`
  return { id, tenant: id.split('/')[0] ?? '', translation, gateway: 'out', address, workload, ...more }
}

export function portForward(
  id: string,
  translation: number,
  workload: string,
  more: Partial<PortForwardRow> = {},
): PortForwardRow {
  return {
    id,
    tenant: id.split('/')[0] ?? '',
    translation,
    gateway: 'out',
    address: '203.0.113.70',
    protocol: 'tcp',
    port: 10_000 + translation,
    workload,
    workloadPort: 80,
    ...more,
  }
}

export function route(id: string, translation: number, to: string, more: Partial<RouteRow> = {}): RouteRow {
  return { id, tenant: id.split('/')[0] ?? '', translation, to, ...more }
}

export function service(id: string, translation: number, more: Partial<ServiceRow> = {}): ServiceRow {
  return {
    id,
    tenant: id.split('/')[0] ?? '',
    translation,
    addresses: ['192.168.2.80', '2001:db8:2::80'],
    backends: { role: 'web' },
    affinity: 'connection',
    ...more,
  }
}

/** A change that puts a row. */
export function put<T extends Change['table']>(
  table: T,
  row: Extract<Change, { table: T }>['row'] & object,
): Change {
  return { table, id: row.id, row } as Change
}

export function bandwidth(id: string, number: number, more: Partial<BandwidthRow>): BandwidthRow {
  return {
    id,
    tenant: id.split('/')[0] ?? '',
    number,
    select: {},
    direction: 'out',
    scope: 'workload',
    limit: { rate: 1000, burst: 600 },
    ...more,
  }
}

export function mirror(id: string, vni: number, more: Partial<MirrorRow> = {}): MirrorRow {
  const [owner = ''] = id.split('/')
  return { id, tenant: owner, vni, select: {}, to: `${owner}/two`, direction: 'both', ...more }
}
