/** Texts of messages about flows. */

import type { Action } from '../../action.js'
import { decodeFlags } from '../../flow-entry.js'
import type { Match } from '../../match.js'
import type { MessageBy } from '../../message.js'
import type { FlowChange, FlowUpdate } from '../../messages/flow-monitor.js'
import type { FlowStats } from '../../messages/oxs.js'
import { formatPort } from '../../ports.js'
import { formatActions } from '../actions.js'
import { formatFlow } from '../flow.js'
import { defaultPriority, formatMatch } from '../match.js'
import type { Formatters } from './form.js'
import { formatBits, formatDuration, unknown64 } from './words.js'

const any = 0xffffffff
const noBuffer = 0xffffffff

const commands: Readonly<Record<string, string>> = {
  add: 'ADD',
  modify: 'MOD',
  modifyStrict: 'MOD_STRICT',
  delete: 'DEL',
  deleteStrict: 'DEL_STRICT',
}

const removedReasons: Readonly<Record<string, string>> = {
  idleTimeout: 'idle',
  hardTimeout: 'hard',
  delete: 'delete',
  groupDelete: 'group_delete',
  meterDelete: 'meter_delete',
  eviction: 'eviction',
}

/** Actions; no instructions at all are a drop. */
function actionsText(actions: readonly Action[]): string {
  return `actions=${formatActions(actions)}`
}

function reasonText(reason: string | number): string {
  return removedReasons[reason] ?? String(reason)
}

const flagWords = {
  1: 'send_flow_rem',
  2: 'check_overlap',
  4: 'reset_counts',
  8: 'no_packet_counts',
  16: 'no_byte_counts',
}

interface FlowsRequest {
  table?: number | undefined
  outPort?: number | undefined
  match?: Match | undefined
}

function flowsRequest({ table = 0xff, outPort = any, match = {} }: FlowsRequest): string {
  const where = table === 0xff ? '' : ` table=${table}`
  return `${where}${outPort === any ? '' : ` out_port=${formatPort(outPort)}`} ${plain(match)}`
}

/** A match without a word about its priority. */
function plain(match: Match): string {
  return formatMatch(match, { priority: defaultPriority })
}

function change({ event, reason, ...flow }: FlowChange): string {
  const name = event === 'removed' ? `DELETED reason=${reasonText(reason)}` : event.toUpperCase()
  const idle = flow.idleTimeout === 0 ? '' : ` idle_timeout=${flow.idleTimeout}`
  const hard = flow.hardTimeout === 0 ? '' : ` hard_timeout=${flow.hardTimeout}`
  const cookie = flow.cookie === 0n ? '0' : `0x${flow.cookie.toString(16)}`
  const match = plain(flow.match)
  const actions = flow.actions.length === 0 ? '' : `${match === '' ? '' : ' '}${actionsText(flow.actions)}`
  return `${name} table=${flow.table}${idle}${hard} cookie=${cookie} ${match}${actions}`
}

function update(value: FlowUpdate): string {
  switch (value.event) {
    case 'abbreviated':
      return `ABBREV xid=0x${value.xid.toString(16)}`
    case 'paused':
    case 'resumed':
      return value.event.toUpperCase()
    case 'unknown':
      return `event:${value.number}`
    default:
      return change(value)
  }
}

const monitorFlags = {
  1: 'initial',
  2: 'add',
  4: 'delete',
  8: 'modify',
  16: 'actions',
  32: 'own',
  64: 'only_own',
}

function ageOf({ idleSec }: FlowStats): { readonly idleAge?: number } | undefined {
  return idleSec === undefined ? undefined : { idleAge: idleSec }
}

/** A cookie to give, and the one that flows to change have. */
export function cookieText(given: bigint, wanted: bigint, mask: bigint): string {
  const gives = given !== 0n && given !== unknown64
  const wants = mask !== 0n
  return (
    (gives ? `cookie:0x${given.toString(16)} ` : '') +
    (wants ? `cookie:0x${wanted.toString(16)}/0x${mask.toString(16)} ` : '')
  )
}

type FlowModText = Omit<MessageBy<'flowMod'>, 'type' | 'xid' | 'cookie' | 'cookieMask'>

export function flowModText(
  { command, table, match, actions, priority = defaultPriority, ...more }: FlowModText,
  cookies: string,
): string {
  const { idleTimeout = 0, hardTimeout = 0, importance = 0 } = more
  const { bufferId = noBuffer, outPort = any, flags = 0 } = more
  const matched = formatMatch(match, { priority })
  const name = typeof command === 'number' ? `cmd:${command}` : commands[command]
  return [
    ` ${name}${table === 0 ? '' : ` table:${table}`} ${matched === '' ? '' : `${matched} `}`,
    cookies,
    idleTimeout === 0 ? '' : `idle:${idleTimeout} `,
    hardTimeout === 0 ? '' : `hard:${hardTimeout} `,
    command !== 'add' || importance === 0 ? '' : `importance:${importance} `,
    bufferId === noBuffer ? '' : `buf:0x${bufferId.toString(16)} `,
    outPort === any ? '' : `out_port:${formatPort(outPort)} `,
    flags === 0 ? '' : `${formatBits(flags, flagWords)} `,
    actionsText(actions),
  ].join('')
}

interface Removed
  extends Pick<MessageBy<'flowRemoved'>, 'match' | 'priority' | 'reason' | 'table' | 'cookie'> {
  readonly idleTimeout: number
  readonly hardTimeout: number
}

export function flowRemovedText(flow: Removed, stats: FlowStats): string {
  const { match, priority, reason, table, cookie, idleTimeout, hardTimeout } = flow
  return (
    ` ${formatMatch(match, { priority })} reason=${reasonText(reason)}${table === 255 ? '' : ` table_id=${table}`}` +
    `${cookie === 0n ? '' : ` cookie:0x${cookie.toString(16)}`}` +
    ` duration${formatDuration(stats.durationSec, stats.durationNsec)} idle${idleTimeout}` +
    `${hardTimeout === 0 ? '' : ` hard${hardTimeout}`} pkts${stats.packets ?? 0n} bytes${stats.bytes ?? 0n}\n`
  )
}

export const flow: Formatters = {
  flowMod: ({ cookie = 0n, cookieMask = 0n, ...mod }) => {
    const adds = mod.command === 'add' || cookieMask === 0n
    return flowModText(mod, adds ? cookieText(cookie, 0n, 0n) : cookieText(0n, cookie, cookieMask))
  },
  flowRemoved: (removed) => flowRemovedText(removed, removed.stats),
  flowDescRequest: flowsRequest,
  aggregateRequest: flowsRequest,
  flowDescReply: ({ flows }) =>
    flows
      .map((desc) => {
        const { table, priority, cookie, match, actions, idleTimeout, hardTimeout, importance, stats } = desc
        const { durationSec: seconds = 0, durationNsec: nanoseconds = 0, packets = 0n, bytes = 0n } = stats
        const timeouts = { idleTimeout, hardTimeout, importance, flags: decodeFlags(desc.flags) }
        const counters = { seconds, nanoseconds, packets, bytes, ...ageOf(stats) }
        const flow = { table, priority, cookie, match, actions, ...timeouts, ...counters }
        return `\n${formatFlow(flow, { stats: true })}`
      })
      .join(''),
  aggregateReply: ({ stats: { packets = 0n, bytes = 0n, flows = 0 } }) =>
    ` packet_count=${packets} byte_count=${bytes} flow_count=${flows}`,
  flowMonitorRequest: ({ monitors }) =>
    monitors
      .map(({ monitor, flags = 0, outPort = any, outGroup = any, table = 0xff, command, match = {} }) => {
        if (command === 'delete') return `\n id=${monitor} command=delete`
        const where = outPort === any ? '' : ` out_port=${formatPort(outPort)}`
        const group = outGroup === any || outGroup === 0 ? '' : ` out_group=${outGroup | 0}`
        const matched = plain(match)
        const text = `${where}${group}${table === 0xff ? '' : ` table=${table}`}${matched === '' ? '' : ` ${matched}`}`
        return `\n id=${monitor} flags=${formatBits(flags, monitorFlags, ',')}${text}`
      })
      .join(''),
  flowMonitorReply: ({ updates }) => updates.map((value) => `\n event=${update(value)}`).join(''),
  flowMonitorCancel: ({ monitor }) => ` id=${monitor}`,
}
