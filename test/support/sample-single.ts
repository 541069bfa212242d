/** Samples of messages that are not multipart, as every version has them. */
import { encodeMessage, type Version } from '../../src/openflow/index.js'
import {
  applied,
  continuation,
  flow,
  flowMod,
  groupMod,
  link,
  packet,
  port,
  type Sample,
  stats,
} from './sample-parts.js'

/** Values that come back from their bytes exactly as they are here. */
export function singleSamples(version: Version): Sample[] {
  const inner = encodeMessage({ ...flowMod(version), xid: 7 }, version)
  const importance = version === 4 ? {} : { importance: 9 }
  const since15 = version === 6
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
      continuation: continuation(version),
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
  ]
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
