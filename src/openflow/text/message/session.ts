/** Texts of messages that keep a session. */
import { errorName } from '../../error-names.js'
import type { MessageBy } from '../../message.js'
import type { AsyncMasks } from '../../messages/async.js'
import { BundleFlag } from '../../messages/bundle.js'
import type { Context, Formatters } from './form.js'
import { formatBits, hexDump } from './words.js'

const capabilities = {
  1: 'FLOW_STATS',
  2: 'TABLE_STATS',
  4: 'PORT_STATS',
  8: 'GROUP_STATS',
  32: 'IP_REASM',
  64: 'QUEUE_STATS',
  256: 'PORT_BLOCKED',
  512: 'BUNDLES',
  1024: 'FLOW_MONITORING',
}

const bundleFlags = { [BundleFlag.atomic]: 'atomic', [BundleFlag.ordered]: 'ordered' }

const fragments = ['normal', 'drop', 'reassemble', 'nx-match']

function configuration({ flags, missSendLength }: { flags: number; missSendLength: number }): string {
  return ` frags=${fragments[flags & 3]} miss_send_len=${missSendLength}\n`
}

type Role = MessageBy<'roleReply'>['role']
export function roleText(name: Role, generationId: bigint): string {
  const generation = generationId === 0xffffffffffffffffn ? '' : ` generation_id=${generationId}`
  return ` role=${name}${generation}`
}

const roleReasons: Readonly<Record<string, string>> = {
  primaryRequest: 'primary_request',
  configuration: 'configuration_changed',
  experimenter: 'experimenter_data_changed',
}

function echo({ data }: { data: Buffer }, { verbosity }: Context): string {
  return ` ${data.length} bytes of payload\n${verbosity > 1 ? hexDump(data) : ''}`
}

/** Bytes as text, with octal escapes for what is not printable, and for the backslash. */
function printable(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x5c || byte === 0x22
        ? `\\${byte.toString(8).padStart(3, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
}

const reasons = {
  packetIn: ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out'],
  portStatus: ['add', 'delete', 'modify'],
  flowRemoved: ['idle', 'hard', 'delete', 'group_delete', 'meter_delete', 'eviction'],
  roleStatus: ['primary_request', 'configuration_changed', 'experimenter_data_changed'],
  tableStatus: ['', '', '', 'vacancy_down', 'vacancy_up'],
  requestForward: ['group_mod_request', 'meter_mod_request'],
} as const

const rows = [
  ['packetIn', 'PACKET_IN'],
  ['portStatus', 'PORT_STATUS'],
  ['flowRemoved', 'FLOW_REMOVED'],
  ['roleStatus', 'ROLE_STATUS'],
  ['tableStatus', 'TABLE_STATUS'],
  ['requestForward', 'REQUESTFORWARD'],
] as const

function asyncMasks(masks: AsyncMasks): string {
  const one = (suffix: '' | 'Secondary') =>
    rows.map(([name, label]) => {
      const mask = masks[`${name}${suffix}`] ?? 0
      const names: readonly string[] = reasons[name]
      const words = names.filter((reason, bit) => reason !== '' && (mask & (1 << bit)) !== 0)
      return `${label.padStart(16)}:${mask === 0 ? ' (off)' : words.map((word) => ` ${word}`).join('')}\n`
    })
  return `\n primary:\n${one('').join('')}\n secondary:\n${one('Secondary').join('')}`
}

const controls: Readonly<Record<string, string>> = {
  openRequest: 'OPEN_REQUEST',
  openReply: 'OPEN_REPLY',
  closeRequest: 'CLOSE_REQUEST',
  closeReply: 'CLOSE_REPLY',
  commitRequest: 'COMMIT_REQUEST',
  commitReply: 'COMMIT_REPLY',
  discardRequest: 'DISCARD_REQUEST',
  discardReply: 'DISCARD_REPLY',
}

export const session: Formatters = {
  hello: ({ versions }, { version }) => {
    const spoken = versions ?? Array.from({ length: version }, (_, i) => i + 1)
    return `\n version bitmap: ${spoken.map((v) => `0x${v.toString(16).padStart(2, '0')}`).join(', ')}`
  },
  error: (message, { version, show }) => {
    const name = errorName(message, version) ?? 'OFPERR_UNKNOWN'
    return ` ${name}\n${message.errorType === 0 ? printable(message.data) : show(message.data, 1)}`
  },
  echoRequest: echo,
  echoReply: echo,
  featuresReply: ({ datapathId, tables, buffers, auxiliary, capabilities: bits }) =>
    ` dpid:${datapathId.toString(16).padStart(16, '0')}\nn_tables:${tables}, n_buffers:${buffers}` +
    `${auxiliary === 0 ? '' : `, auxiliary_id:${auxiliary}`}\ncapabilities: ${formatBits(bits, capabilities)}\n`,
  getConfigReply: configuration,
  setConfig: configuration,
  roleRequest: (message) => roleText(message.role, message.generationId),
  roleReply: (message) => roleText(message.role, message.generationId),
  roleStatus: (message) =>
    `${roleText(message.role, message.generationId)} reason=${roleReasons[message.reason] ?? '(unknown)'}`,
  getAsyncReply: asyncMasks,
  setAsync: asyncMasks,
  setAsyncConfig: asyncMasks,
  setAsyncConfig2: asyncMasks,
  bundleControl: ({ bundle, control, flags }) =>
    `\n bundle_id=0x${bundle.toString(16)} type=${controls[control] ?? ''} flags=${formatBits(flags, bundleFlags)}`,
  bundleAdd: ({ bundle, flags, message }, { show, verbosity }) =>
    `\n bundle_id=0x${bundle.toString(16)} flags=${formatBits(flags, bundleFlags)}\n${show(message, verbosity)}`,
  descReply: ({ manufacturer, hardware, software, serial, datapath }) =>
    `\nManufacturer: ${manufacturer}\nHardware: ${hardware}\nSoftware: ${software}\n` +
    `Serial Num: ${serial}\nDP Description: ${datapath}\n`,
  setPacketInFormat: ({ format }) =>
    ` format=${format === 'nxt2' ? 'nxt_packet_in2' : format === 'nxt' ? 'nxt_packet_in' : 'standard'}`,
  setControllerId: ({ id }) => ` id=${id}`,
}
