/** Messages of every kind, for round trips, damage and comparison of texts. */
import type { Message, Version } from '../../src/openflow/index.js'
import { multipartSamples } from './sample-multipart.js'
import { niciraSamples } from './sample-nicira.js'
import { applied, packet, port, type Sample } from './sample-parts.js'
import { singleSamples } from './sample-single.js'

const removed = {
  table: 3,
  reason: 'delete',
  idleTimeout: 0,
  hardTimeout: 0,
  priority: 1,
  cookie: 1n,
  match: {},
  actions: [],
} as const

const only13: Sample[] = [
  { type: 'flowMonitorCancel', monitor: 5 },
  { type: 'setAsyncConfig2', packetIn: 7, portStatusSecondary: 3 },
  { type: 'flowMonitorPaused' },
  { type: 'flowMonitorResumed' },
  { type: 'queueConfigRequest', port: 1 },
  { type: 'queueConfigReply', port: 1, queues: [{ port: 1, queue: 2, minRate: 500, maxRate: 1000 }] },
]

const since14: Sample[] = [
  { type: 'tableMod', table: 1, config: 4, eviction: 3 },
  { type: 'tableMod', table: 1, config: 0, eviction: 1 },
  { type: 'tableMod', table: 1, config: 4, eviction: 0 },
  { type: 'tableMod', table: 1, config: 8, vacancy: { down: 10, up: 20, vacancy: 0 } },
  { type: 'tableMod', table: 1, config: 8 },
  { type: 'tableMod', table: 255, config: 0, vacancy: { down: 10, up: 20, vacancy: 0 } },
  { type: 'tableDescRequest' },
  { type: 'tableDescReply', tables: [{ table: 1, config: 8, vacancy: { down: 10, up: 20, vacancy: 50 } }] },
  {
    type: 'tableStatus',
    reason: 'vacancyUp',
    desc: { table: 1, config: 8, vacancy: { down: 10, up: 20, vacancy: 50 } },
  },
  { type: 'queueDescRequest', port: 1, queue: 0xffffffff },
  { type: 'queueDescReply', queues: [{ port: 1, queue: 2, minRate: 500, maxRate: 1000 }] },
  {
    type: 'flowMonitorReply',
    updates: [
      { event: 'initial', ...removed, reason: 'idleTimeout' },
      { event: 'paused' },
      { event: 'resumed' },
    ],
  },
  {
    type: 'portStatus',
    reason: 'add',
    desc: { ...port, otherProperties: [{ type: 9, data: Buffer.from('abcd') }] },
  },
]

const since15: Sample[] = [
  {
    type: 'groupMod',
    command: 'insertBucket',
    groupType: 'fastFailover',
    group: 5,
    bucket: 0xfffffffe,
    buckets: [{ id: 7, watchGroup: 4, actions: [] }],
  },
  { type: 'groupMod', command: 'removeBucket', groupType: 'all', group: 5, bucket: 7, buckets: [] },
  {
    type: 'groupMod',
    command: 'add',
    groupType: 'select',
    group: 6,
    bucket: 0xffffffff,
    buckets: [{ id: 1, weight: 1, actions: applied }],
    selection: { method: 'hash', param: 3n, fields: Buffer.alloc(0) },
  },
  {
    type: 'packetOut',
    bufferId: 0xffffffff,
    inPort: 1,
    match: { metadata: 5n },
    actions: applied,
    data: packet,
  },
]

/** Messages that the version has; each kind at least once over all versions. */
export function sampleMessages(version: Version): Message[] {
  const more = [...(version === 4 ? only13 : since14), ...(version === 6 ? since15 : [])]
  const common = [...singleSamples(version), ...multipartSamples(version), ...niciraSamples(version)]
  return [...common, ...more].map((sample, i) => {
    const message = { ...sample, xid: i + 1 } as Message
    // The message in a bundle has the transaction id of the one around it.
    if (message.type === 'bundleAdd') message.message.writeUInt32BE(message.xid, 4)
    return message
  })
}

export const versions: readonly Version[] = [4, 5, 6]
