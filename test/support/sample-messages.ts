/** Messages of every kind, for round trips, damage and comparison of texts. */
import {
  type Action,
  encodeMessage,
  type Match,
  type Message,
  type Version,
} from '../../src/openflow/index.js'

type Sample = Message extends infer M ? (M extends { xid: number } ? Omit<M, 'xid'> : never) : never

const match: Match = { inPort: 1, ethType: 0x0800, ipProto: 6, ipv4Dst: '10.0.0.0/24', tcpDst: 80 }
const actions: Action[] = [
  { type: 'setField', field: 'ethDst', value: '02:00:00:00:00:01' },
  { type: 'output', port: 2 },
  { type: 'gotoTable', table: 7 },
]
const applied: Action[] = [{ type: 'output', port: 2 }]
const packet = Buffer.from(
  'ffffffffffff0a0000000001080600010800060400010200000000010a0000010000000000000a000002',
  'hex',
)
const stats = { durationSec: 5, durationNsec: 250_000_000, packets: 10n, bytes: 980n }
const flow = { table: 3, priority: 100, idleTimeout: 60, hardTimeout: 600, cookie: 0x1234n, match }
const port = { port: 3, hardwareAddress: '0a:00:00:00:00:03', name: 'eth3', config: 1, state: 4 }
const link = { current: 0x240, advertised: 0, supported: 0, peer: 0, currentSpeed: 10_000_000, maxSpeed: 0 }
const portCounters = {
  port: 3,
  rxPackets: 1n,
  txPackets: 2n,
  rxBytes: 3n,
  txBytes: 4n,
  rxDropped: 5n,
  txDropped: 6n,
  rxErrors: 7n,
  txErrors: 8n,
  ethernet: { rxFrame: 9n, rxOverrun: 10n, rxCrc: 11n, collisions: 12n },
  durationSec: 60,
  durationNsec: 5_000_000,
}
const queue = {
  port: 1,
  queue: 2,
  txBytes: 100n,
  txPackets: 5n,
  txErrors: 0n,
  durationSec: 1,
  durationNsec: 500_000_000,
}

function buckets(version: Version) {
  const id = (n: number) => (version === 6 ? { id: n } : {})
  return [
    { ...id(0), weight: 10, actions: applied },
    { ...id(1), weight: 20, watchPort: 1, actions: [{ type: 'output', port: 3 }] as Action[] },
  ]
}

/** Values that come back from their bytes exactly as they are here. */
function everyVersion(version: Version): Sample[] {
  const inner = encodeMessage({ ...flowMod(version), xid: 7 }, version)
  const importance = version === 4 ? {} : { importance: 9 }
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
    { type: 'hello', versions: [4, 5, 6] },
    { type: 'hello' },
    { type: 'error', errorType: 1, errorCode: 1, data: Buffer.from('0401000800000001', 'hex') },
    { type: 'error', errorType: 0xffff, errorCode: 2, experimenter: 0x2320, data: inner.subarray(0, 64) },
    { type: 'error', errorType: 0, errorCode: 0, data: Buffer.from('version\\x01') },
    { type: 'echoRequest', data: Buffer.alloc(0) },
    { type: 'echoReply', data: Buffer.from('abc') },
    { type: 'experimenter', experimenter: 0xabcdef, subtype: 5, data: Buffer.from('12345678') },
    { type: 'featuresRequest' },
    {
      type: 'featuresReply',
      datapathId: 0xabcn,
      buffers: 256,
      tables: 254,
      auxiliary: 0,
      capabilities: 0x4f,
      reserved: 0,
    },
    { type: 'getConfigRequest' },
    { type: 'getConfigReply', flags: 0, missSendLength: 128 },
    { type: 'setConfig', flags: 1, missSendLength: 65535 },
    { type: 'barrierRequest' },
    { type: 'barrierReply' },
    { type: 'roleRequest', role: 'primary', shortId: 0, generationId: 7n },
    { type: 'roleReply', role: 'secondary', shortId: 0, generationId: 8n },
    { type: 'roleStatus', role: 'secondary', reason: 'primaryRequest', generationId: 9n },
    { type: 'requestForward', request: encodeMessage({ ...groupMod(version), xid: 7 }, version) },
    flowMod(version),
    {
      ...(flowMod(version) as Extract<Sample, { type: 'flowMod' }>),
      command: 'deleteStrict',
      table: 255,
      cookieMask: 0xffn,
      outPort: 5,
      flags: 3,
      actions: [],
      ...importance,
    },
    since15
      ? { type: 'flowRemoved', ...flow, reason: 'idleTimeout', stats: { ...stats, flows: 1 } }
      : { type: 'flowRemoved', ...flow, reason: 'idleTimeout', stats },
    groupMod(version),
    {
      ...(groupMod(version) as Extract<Sample, { type: 'groupMod' }>),
      command: 'delete',
      groupType: 'all',
      group: 0xfffffffc,
      buckets: [],
    },
    {
      type: 'meterMod',
      command: 'add',
      flags: 5,
      meter: 1,
      bands: [
        { type: 'drop', rate: 1000, burst: 100 },
        { type: 'dscpRemark', rate: 2000, burst: 200, precedence: 1 },
      ],
    },
    {
      type: 'packetIn',
      bufferId: 0xffffffff,
      totalLength: packet.length,
      reason: 'noMatch',
      table: 2,
      cookie: 5n,
      match: { inPort: 3 },
      data: packet,
    },
    {
      type: 'packetIn2',
      packet,
      table: 1,
      cookie: 3n,
      reason: 'applyAction',
      metadata: { inPort: 2, metadata: 6n },
      userdata: Buffer.from([1, 2, 3]),
    },
    {
      type: 'resume',
      packet,
      table: 1,
      cookie: 3n,
      reason: 'applyAction',
      metadata: { inPort: 2 },
      continuation: Buffer.alloc(8),
    },
    { type: 'packetOut', bufferId: 0xffffffff, inPort: 0xfffffffd, actions: applied, data: packet },
    { type: 'setPacketInFormat', format: 'nxt2' },
    { type: 'setControllerId', id: 123 },
    { type: 'portStatus', reason: 'modify', desc: { ...port, ethernet: link } },
    { type: 'portMod', port: 3, hardwareAddress: '0a:00:00:00:00:03', config: 1, mask: 1, advertise: 0 },
    { type: 'tableMod', table: 255, config: 0 },
    asyncMasks('getAsyncReply', version),
    asyncMasks('setAsync', version),
    { type: 'getAsyncRequest' },
    { type: 'bundleControl', bundle: 4, control: 'openRequest', flags: 3 },
    { type: 'bundleControl', bundle: 4, control: 'commitReply', flags: 1 },
    { type: 'bundleAdd', bundle: 4, flags: 3, message: Buffer.from(inner) },
    {
      type: 'tlvTableMod',
      command: 'add',
      mappings: [{ optionClass: 0xffff, optionType: 1, length: 4, field: 0 }],
    },
    { type: 'tlvTableRequest' },
    {
      type: 'tlvTableReply',
      maxSpace: 256,
      maxFields: 64,
      mappings: [{ optionClass: 0xffff, optionType: 1, length: 4, field: 0 }],
    },
    { type: 'ctFlushZone', zone: 5 },
    {
      type: 'ctFlush',
      protocol: 6,
      zone: 13,
      original: { source: '10.0.0.1', destination: '10.0.0.2', sourcePort: 1, destinationPort: 2 },
    },
    {
      type: 'ctFlush',
      protocol: 1,
      original: { source: 'fd00::1', icmpId: 5, icmpType: 8, icmpCode: 0 },
      reply: { destination: 'fd00::2' },
    },
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
      maxGroups: [1, 2, 3, 4],
      actions: [1, 1, 1, 1],
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
      type: 'tableFeaturesReply',
      tables: [
        {
          table: 0,
          command: 'replace',
          features: 0,
          name: 'classifier',
          metadataMatch: 0xffffffffffffffffn,
          metadataWrite: 0xffffffffffffffffn,
          capabilities: 0,
          maxEntries: 1_000_000,
          instructions: Buffer.from('0001000400040004', 'hex'),
          nextTables: [1, 2, 3],
          writeActions: Buffer.from('00000004', 'hex'),
          applyActions: Buffer.from('00000004', 'hex'),
          match: Buffer.from('80000004', 'hex'),
          wildcards: Buffer.from('80000004', 'hex'),
          writeSetField: Buffer.from('80000606', 'hex'),
          applySetField: Buffer.from('80000606', 'hex'),
        },
      ],
    },
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

function flowMod(version: Version): Extract<Sample, { type: 'flowMod' }> {
  return {
    type: 'flowMod',
    command: 'add',
    cookie: 0x1234n,
    cookieMask: 0n,
    table: 3,
    idleTimeout: 60,
    hardTimeout: 0,
    priority: 100,
    bufferId: 0xffffffff,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    flags: 1,
    ...(version === 4 ? {} : { importance: 9 }),
    match,
    actions,
  }
}

function groupMod(version: Version): Extract<Sample, { type: 'groupMod' }> {
  return {
    type: 'groupMod',
    command: 'add',
    groupType: 'select',
    group: 5,
    ...(version === 6 ? { bucket: 0xffffffff } : {}),
    buckets: buckets(version),
  }
}

function asyncMasks(type: 'getAsyncReply' | 'setAsync', version: Version): Sample {
  const masks = {
    packetIn: 7,
    packetInSecondary: 0,
    portStatus: 7,
    portStatusSecondary: 3,
    flowRemoved: 15,
    flowRemovedSecondary: 0,
  }
  return version === 4 ? { type, ...masks } : { type, ...masks, roleStatus: 3 }
}

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
  return [...everyVersion(version), ...more].map((sample, i) => {
    const message = { ...sample, xid: i + 1 } as Message
    // The message in a bundle has the transaction id of the one around it.
    if (message.type === 'bundleAdd') message.message.writeUInt32BE(message.xid, 4)
    return message
  })
}

export const versions: readonly Version[] = [4, 5, 6]
