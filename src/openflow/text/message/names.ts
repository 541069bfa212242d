/** Names of messages as Open vSwitch prints them. */

import { kinds } from '../../kinds.js'
import type { MessageType } from '../../message.js'
import { Experimenter } from '../../messages/kind.js'
import type { Version } from '../../version.js'

/** Words that do not follow from the name of the type. */
const special: Readonly<Partial<Record<MessageType, string>>> = {
  bundleAdd: 'BUNDLE_ADD_MESSAGE',
  setAsync: 'SET_ASYNC',
  requestForward: 'REQUESTFORWARD',
  queueConfigRequest: 'QUEUE_GET_CONFIG_REQUEST',
  queueConfigReply: 'QUEUE_GET_CONFIG_REPLY',
  packetIn2: 'PACKET_IN2',
  nxFlowMod: 'FLOW_MOD',
  nxFlowRemoved: 'FLOW_REMOVED',
  nxPacketIn: 'PACKET_IN',
  nxRoleRequest: 'ROLE_REQUEST',
  nxRoleReply: 'ROLE_REPLY',
  setAsyncConfig2: 'SET_ASYNC_CONFIG2',
  flowDescRequest: 'FLOW request',
  flowDescReply: 'FLOW reply',
  groupStatsRequest: 'GROUP request',
  groupStatsReply: 'GROUP reply',
  meterStatsRequest: 'METER request',
  meterStatsReply: 'METER reply',
  portStatsRequest: 'PORT request',
  portStatsReply: 'PORT reply',
  queueStatsRequest: 'QUEUE request',
  queueStatsReply: 'QUEUE reply',
  tableStatsRequest: 'TABLE request',
  tableStatsReply: 'TABLE reply',
}

function prefix(experimenter: number | undefined): string {
  return experimenter === Experimenter.nicira ? 'NX' : experimenter === Experimenter.onf ? 'ONF' : 'OFP'
}

function words(type: MessageType, parts: boolean): string {
  const known = special[type]
  if (known !== undefined) return known
  if (!parts) return type.replaceAll(/[A-Z]/g, '_$&').toUpperCase()
  return type
    .replaceAll(/[A-Z]/g, '_$&')
    .toUpperCase()
    .replace(/_(REQUEST|REPLY)$/, (end) => ` ${end.slice(1).toLowerCase()}`)
}

/** Such as `OFPT_FLOW_MOD`, `OFPST_FLOW reply`, `NXT_PACKET_IN2`; undefined for what has no name. */
export function messageName(type: MessageType, version: Version): string | undefined {
  const kind = kinds.find(({ name }) => name === type)
  const place = kind?.places.find(({ first = 4, last = 6 }) => version >= first && version <= last)
  if (kind === undefined || place === undefined) return undefined
  const parts = place.multipart !== undefined
  return `${prefix(place.experimenter)}${parts ? 'ST' : 'T'}_${words(type, parts)}`
}
