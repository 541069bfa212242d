/** Samples of Nicira's older messages, which every version has. */
import { encodeMessage, type Version } from '../../src/openflow/index.js'
import { actions, flow, match, packet, type Sample } from './sample-parts.js'

const counts = { flows: 1n, currentFlows: 2n, packets: 3n, ipv4Packets: 4n, ipv6Packets: 5n }
const errors = { errors: 6n, ipv4Errors: 7n, ipv6Errors: 8n, txPackets: 9n, txErrors: 0xffffffffffffffffn }
const ipfix = { ...counts, ...errors, collectorSetId: 12 }
const fixed = { table: 3, idleTimeout: 60, priority: 100, cookie: 0x1234n }
const sums = { durationSec: 5, durationNsec: 250_000_000, packets: 10n, bytes: 980n }
const unbuffered = { bufferId: 0xffffffff, totalLength: packet.length, data: packet }
const anywhere = { bufferId: 0xffffffff, outPort: 0xffffffff }

export function niciraSamples(version: Version): Sample[] {
  // The version that the tool reads is that of the message around it.
  const sent = encodeMessage({ type: 'nxRoleRequest', role: 'primary', xid: 1 }, version)
  return [
    { type: 'nxFlowMod', command: 'add', hardTimeout: 600, ...fixed, ...anywhere, flags: 1, match, actions },
    {
      type: 'nxFlowMod',
      command: 'modify',
      hardTimeout: 0,
      ...fixed,
      ...anywhere,
      cookie: 0xffffffffffffffffn,
      oldCookie: 0x10n,
      oldCookieMask: 0xf0n,
      flags: 0,
      match: {},
      actions,
    },
    {
      type: 'nxFlowMod',
      command: 'deleteStrict',
      hardTimeout: 0,
      ...fixed,
      table: 255,
      bufferId: 0xffffffff,
      outPort: 0xfffffffe,
      oldCookie: 5n,
      oldCookieMask: 0xffffffffffffffffn,
      flags: 0,
      match: { inPort: 1 },
      actions: [],
    },
    { type: 'nxFlowRemoved', ...fixed, ...sums, reason: 'idleTimeout', match: flow.match },
    { type: 'nxFlowRemoved', ...fixed, ...sums, table: 255, reason: 'delete', match: {} },
    {
      type: 'nxPacketIn',
      ...unbuffered,
      table: 2,
      cookie: 5n,
      reason: 'applyAction',
      match: { inPort: 3, metadata: 7n },
    },
    { type: 'nxPacketIn', ...unbuffered, table: 0, cookie: 5n, reason: 'noMatch', match: {} },
    { type: 'nxRoleRequest', role: 'primary' },
    { type: 'nxRoleReply', role: 'equal' },
    {
      type: 'setAsyncConfig',
      packetIn: 7,
      packetInSecondary: 0,
      portStatus: 7,
      portStatusSecondary: 3,
      flowRemoved: 15,
      flowRemovedSecondary: 0,
    },
    { type: 'flowModTableId', mode: 'enable' },
    { type: 'flowModTableId', mode: 'disable' },
    { type: 'flowAge' },
    { type: 'ipfixBridgeRequest' },
    { type: 'ipfixBridgeReply', ...ipfix, collectorSetId: 0 },
    { type: 'ipfixFlowRequest' },
    { type: 'ipfixFlowReply', collectors: [ipfix, { ...ipfix, collectorSetId: 4711 }] },
    { type: 'ipfixFlowReply', collectors: [] },
    { type: 'error', errorType: 1, errorCode: 1, data: sent },
  ]
}
