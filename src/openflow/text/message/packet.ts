/** Texts of messages with packets. */

import type { Match } from '../../match.js'
import type { MessageBy } from '../../message.js'
import { formatActions } from '../actions.js'
import { defaultPriority, formatMatch } from '../match.js'
import { formatBytes } from '../value.js'
import { continuationText } from './continuation.js'
import type { Context, Formatters } from './form.js'
import { packetText } from './packet-fields.js'
import { unknown64 } from './words.js'

const noBuffer = 0xffffffff

const reasons: Readonly<Record<string, string>> = {
  noMatch: 'no_match',
  applyAction: 'action',
  invalidTtl: 'invalid_ttl',
  actionSet: 'action_set',
  group: 'group',
  packetOut: 'packet_out',
}

interface PacketIn {
  table: number
  cookie: bigint | undefined
  total: number
  match: Match
  reason: string | number
  bufferId: number
  data: Buffer
}

function packetIn({ table, cookie, total, match, reason, bufferId, data }: PacketIn): string {
  const unbuffered = bufferId === noBuffer
  const odd = unbuffered
    ? total === data.length
      ? ''
      : ' (***total_len != data_len***)'
    : total < data.length
      ? ' (***total_len < data_len***)'
      : ''
  return (
    `${table === 0 ? '' : ` table_id=${table}`}${cookie === undefined ? '' : ` cookie=0x${cookie.toString(16)}`}` +
    ` total_len=${total} ${formatMatch(match, { priority: defaultPriority })} (via ${reasons[reason] ?? reason})` +
    ` data_len=${data.length} ${unbuffered ? '(unbuffered)' : `buffer=0x${bufferId.toString(16).padStart(8, '0')}`}${odd}\n`
  )
}

function packetIn2(message: MessageBy<'packetIn2'> | MessageBy<'resume'>, { version }: Context): string {
  const {
    packet = Buffer.alloc(0),
    fullLength,
    bufferId = noBuffer,
    table = 0,
    cookie,
    reason = 'noMatch',
  } = message
  const total = fullLength ?? packet.length
  const head = packetIn({
    table,
    cookie,
    total,
    match: message.metadata ?? {},
    reason,
    bufferId,
    data: packet,
  })
  const userdata = message.userdata === undefined ? '' : ` userdata=${formatBytes(message.userdata)}\n`
  const continuation =
    message.continuation === undefined ? '' : continuationText(message.continuation, version)
  return `${head}${userdata}${continuation}${packetText(packet)}`
}

type Standard = Omit<MessageBy<'packetIn'>, 'type' | 'xid'>

export function packetInText({ totalLength: total, cookie, ...rest }: Standard): string {
  const known = cookie === unknown64 ? undefined : cookie
  return `${packetIn({ ...rest, cookie: known, total })}${packetText(rest.data)}`
}

export const packet: Formatters = {
  packetIn: packetInText,
  packetIn2,
  resume: packetIn2,
  packetOut: ({ bufferId = noBuffer, inPort, match = {}, actions, data }) => {
    const head = ` ${formatMatch({ ...match, inPort }, { priority: defaultPriority })} actions=${formatActions(actions)}`
    if (bufferId !== noBuffer) return `${head} buffer=0x${bufferId.toString(16).padStart(8, '0')}`
    return `${head} data_len=${data.length}${data.length === 0 ? '' : `\n${packetText(data)}`}`
  },
}
