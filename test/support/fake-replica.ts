import type { HostReplica, HostTables } from '../../src/host/schema.js'
import { type Uuid, uuid } from '../../src/ovsdb/index.js'

/** An id of a row, from a small number. */
export function id(n: number): Uuid {
  return uuid(`00000000-0000-0000-0000-${String(n).padStart(12, '0')}`)
}

interface PortContent {
  readonly name: string
  readonly tag?: number
  readonly trunks?: readonly number[]
  readonly ids?: Readonly<Record<string, string>>
  readonly type?: string
  readonly options?: Readonly<Record<string, string>>
  readonly ofport?: number
  readonly error?: string
  readonly linkState?: string
  readonly mac?: string
  readonly mtu?: number
  readonly bfd?: Readonly<Record<string, string>>
  readonly bfdStatus?: Readonly<Record<string, string>>
}

interface BridgeContent {
  readonly name: string
  readonly datapathType?: string
  readonly failMode?: string
  readonly protocols?: readonly string[]
  readonly otherConfig?: Readonly<Record<string, string>>
  readonly controllers?: readonly string[]
  /** Targets of controllers of ours. */
  readonly services?: readonly string[]
  readonly datapathId?: string
  readonly ports?: readonly PortContent[]
}

/** A host's database as a value: what reconcile and observe read. */
export function fakeReplica(bridges: readonly BridgeContent[]): HostReplica {
  let last = 0
  const next = () => id(++last)
  const content: { [N in keyof HostTables]: Map<Uuid, object> } = {
    Open_vSwitch: new Map(),
    Bridge: new Map(),
    Port: new Map(),
    Interface: new Map(),
    Controller: new Map(),
  }
  const add = (table: keyof HostTables, row: object): Uuid => {
    const _uuid = next()
    content[table].set(_uuid, { ...row, _uuid })
    return _uuid
  }
  const map = (record: Readonly<Record<string, string>> = {}) => new Map(Object.entries(record))
  const uuids = bridges.map((bridge) =>
    add('Bridge', {
      name: bridge.name,
      datapath_type: bridge.datapathType ?? '',
      datapath_id: bridge.datapathId,
      fail_mode: bridge.failMode,
      protocols: new Set(bridge.protocols),
      other_config: map(bridge.otherConfig),
      external_ids: new Map(),
      controller: new Set([
        ...(bridge.controllers ?? []).map((target) =>
          add('Controller', { target, is_connected: true, external_ids: map() }),
        ),
        ...(bridge.services ?? []).map((target) =>
          add('Controller', { target, is_connected: true, external_ids: map({ sluice: 'gateway' }) }),
        ),
      ]),
      ports: new Set(
        bridge.ports?.map(
          ({
            name,
            tag,
            trunks,
            ids,
            type = '',
            options,
            ofport,
            error,
            linkState,
            mac,
            mtu,
            bfd,
            bfdStatus,
          }) =>
            add('Port', {
              name,
              tag,
              trunks: new Set(trunks),
              vlan_mode: trunks && 'trunk',
              external_ids: map(ids),
              interfaces: new Set([
                add('Interface', {
                  name,
                  type,
                  options: map(options),
                  ofport,
                  error,
                  link_state: linkState,
                  mac_in_use: mac,
                  mtu,
                  bfd: map(bfd),
                  bfd_status: map(bfdStatus),
                  external_ids: map(ids),
                }),
              ]),
            }),
        ),
      ),
    }),
  )
  add('Open_vSwitch', { bridges: new Set(uuids), ovs_version: '3.1.0' })
  const view: Pick<HostReplica, 'table'> = {
    table: (name) => {
      const rows = content[name] as Map<Uuid, never>
      return { size: rows.size, get: (uuid) => rows.get(uuid), rows: () => rows.values() }
    },
  }
  return view
}
