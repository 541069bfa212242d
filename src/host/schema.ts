import { column, type OvsdbSession } from '../ovsdb/index.js'

/** What is read and written of a host's database (ovs-vswitchd.conf.db). */
export const tables = {
  Open_vSwitch: { bridges: column.set('uuid'), ovs_version: column.optional('string') },
  Bridge: {
    name: column.string,
    ports: column.set('uuid'),
    controller: column.set('uuid'),
    datapath_type: column.string,
    datapath_id: column.optional('string'),
    fail_mode: column.optional('string'),
    protocols: column.set('string'),
    other_config: column.map('string', 'string'),
    external_ids: column.map('string', 'string'),
  },
  Port: {
    name: column.string,
    interfaces: column.set('uuid'),
    tag: column.optional('integer'),
    trunks: column.set('integer'),
    vlan_mode: column.optional('string'),
    external_ids: column.map('string', 'string'),
  },
  Interface: {
    name: column.string,
    type: column.string,
    options: column.map('string', 'string'),
    ofport: column.optional('integer'),
    error: column.optional('string'),
    link_state: column.optional('string'),
    mac_in_use: column.optional('string'),
    mtu: column.optional('integer'),
    bfd: column.map('string', 'string'),
    bfd_status: column.map('string', 'string'),
    external_ids: column.map('string', 'string'),
  },
  Controller: {
    target: column.string,
    type: column.optional('string'),
    connection_mode: column.optional('string'),
    max_backoff: column.optional('integer'),
    is_connected: column.boolean,
    external_ids: column.map('string', 'string'),
  },
} as const

export type HostTables = typeof tables
export type HostSession = OvsdbSession<HostTables>
export type HostReplica = HostSession['replica']

/** The key in external_ids that marks what is ours; its value says what the port is for. */
export const ownerKey = 'sluice'
