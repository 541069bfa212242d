import { column } from '../../../src/ovsdb/index.js'

/** Tables of the Open_vSwitch database with every shape of column. */
export const tables = {
  Open_vSwitch: {
    bridges: column.set('uuid'),
    external_ids: column.map('string', 'string'),
    next_cfg: column.integer,
  },
  Bridge: {
    name: column.string,
    ports: column.set('uuid'),
    fail_mode: column.optional('string'),
    datapath_type: column.string,
    flood_vlans: column.set('integer'),
    stp_enable: column.boolean,
    other_config: column.map('string', 'string'),
  },
  Port: {
    name: column.string,
    interfaces: column.set('uuid'),
    tag: column.optional('integer'),
    trunks: column.set('integer'),
    external_ids: column.map('string', 'string'),
  },
  Interface: {
    name: column.string,
    type: column.string,
    ofport: column.optional('integer'),
    options: column.map('string', 'string'),
    statistics: column.map('string', 'bigint'),
    ingress_policing_rate: column.integer,
  },
  QoS: { type: column.string, queues: column.map('integer', 'uuid') },
  Queue: { dscp: column.optional('integer'), external_ids: column.map('string', 'string') },
} as const
