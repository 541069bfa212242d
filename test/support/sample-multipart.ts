/** Samples of multipart messages, as every version has them. */
import type { Version } from '../../src/openflow/index.js'
import {
  actions,
  applied,
  buckets,
  flow,
  link,
  match,
  port,
  portCounters,
  queue,
  type Sample,
  stats,
} from './sample-parts.js'
import { tableFeatures } from './sample-table-features.js'

/** Values that come back from their bytes exactly as they are here. */
export function multipartSamples(version: Version): Sample[] {
  const since15 = version === 6
  const monitor = { monitor: 5, flags: 15, outPort: 0xffffffff, table: 3, match }
  const monitorMore = version === 4 ? {} : { outGroup: 0xffffffff, command: 'add' as const }
  const change = {
    table: 3,
    reason: 'delete',
    idleTimeout: 10,
    hardTimeout: 20,
    priority: 77,
    cookie: 1n,
    match,
  } as const
  return [
    { type: 'descRequest' },
    {
      type: 'descReply',
      manufacturer: 'Nicira, Inc.',
      hardware: 'Open vSwitch',
      software: '3.1.0',
      serial: 'None',
      datapath: 'None',
    },
    {
      type: 'flowDescRequest',
      table: 255,
      outPort: 0xffffffff,
      outGroup: 0xffffffff,
      cookie: 0n,
      cookieMask: 0n,
      match: {},
    },
    {
      type: 'flowDescReply',
      more: true,
      flows: [{ ...flow, flags: 1, importance: version === 4 ? 0 : 3, stats, actions }],
    },
    {
      type: 'aggregateRequest',
      table: 3,
      outPort: 0xffffffff,
      outGroup: 0xffffffff,
      cookie: 1n,
      cookieMask: 0xffn,
      match,
    },
    { type: 'aggregateReply', stats: { packets: 5n, bytes: 6n, flows: 7 } },
    { type: 'groupDescRequest', ...(since15 ? { group: 0xfffffffc } : {}) },
    { type: 'groupDescReply', groups: [{ groupType: 'select', group: 1, buckets: buckets(version) }] },
    { type: 'groupStatsRequest', group: 0xfffffffc },
    {
      type: 'groupStatsReply',
      groups: [
        {
          group: 1,
          references: 2,
          packets: 3n,
          bytes: 4n,
          durationSec: 5,
          durationNsec: 6_000_000,
          buckets: [{ packets: 1n, bytes: 2n }],
        },
      ],
    },
    { type: 'groupFeaturesRequest' },
    {
      type: 'groupFeaturesReply',
      types: 15,
      capabilities: 7,
      maxGroups: [1, 2, 0, 4],
      actions: [1, 1, 0, 0x3fffffff],
    },
    { type: 'meterConfigRequest', meter: 0xffffffff },
    {
      type: 'meterConfigReply',
      meters: [{ flags: 9, meter: 2, bands: [{ type: 'drop', rate: 10, burst: 0 }] }],
    },
    { type: 'meterStatsRequest', meter: 1 },
    {
      type: 'meterStatsReply',
      meters: [
        {
          meter: 1,
          flows: 0,
          packets: 3n,
          bytes: 4n,
          durationSec: 5,
          durationNsec: 6_000_000,
          bands: [{ packets: 1n, bytes: 2n }],
        },
      ],
    },
    { type: 'meterFeaturesRequest' },
    {
      type: 'meterFeaturesReply',
      maxMeter: 200,
      bandTypes: 2,
      capabilities: 15,
      maxBands: 8,
      maxColor: 0,
      features: 0,
    },
    { type: 'portDescRequest', ...(since15 ? { port: 0xffffffff } : {}) },
    { type: 'portDescReply', ports: [{ ...port, ethernet: link }] },
    { type: 'portStatsRequest', port: 0xffffffff },
    { type: 'portStatsReply', ports: [portCounters] },
    { type: 'queueStatsRequest', port: 0xffffffff, queue: 0xffffffff },
    { type: 'queueStatsReply', queues: [queue] },
    { type: 'tableStatsRequest' },
    { type: 'tableStatsReply', tables: [{ table: 0, active: 5, lookups: 6n, matches: 7n }] },
    { type: 'tableFeaturesRequest', tables: [] },
    {
      type: 'tableFeaturesRequest',
      tables: tableFeatures.map((table) => ({ ...table, command: since15 ? 'modify' : 'replace' })),
    },
    { type: 'tableFeaturesReply', tables: tableFeatures },
    { type: 'flowMonitorRequest', monitors: [{ ...monitor, ...monitorMore }] },
    {
      type: 'flowMonitorReply',
      updates: [
        { event: 'added', ...change, reason: 'idleTimeout', actions: applied },
        { event: 'removed', ...change, actions: [] },
        { event: 'modified', ...change, reason: 'idleTimeout', actions: applied },
        { event: 'abbreviated', xid: 99 },
      ],
    },
    { type: 'experimenterMultipartRequest', experimenter: 0xabcdef, subtype: 3, data: Buffer.from('1234') },
    { type: 'experimenterMultipartReply', experimenter: 0xabcdef, subtype: 3, data: Buffer.alloc(0) },
    { type: 'unknownMultipartRequest', multipart: 99, data: Buffer.from('abcd') },
    { type: 'unknownMultipartReply', multipart: 99, data: Buffer.from('abcd') },
    { type: 'unknown', number: 99, data: Buffer.from('abcd') },
  ]
}
