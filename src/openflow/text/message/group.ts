/** Texts of messages about groups and meters. */
import type { Action } from '../../action.js'
import { toInteger } from '../../actions/bits.js'
import { Reader } from '../../bytes.js'
import { readFieldMasks } from '../../field-masks.js'
import type { Bucket } from '../../messages/bucket.js'
import { BucketId } from '../../messages/bucket.js'
import type { GroupProperties, GroupType } from '../../messages/group.js'
import { GroupId } from '../../messages/group.js'
import { type MeterBand, MeterFlag, MeterId } from '../../messages/meter.js'
import { formatPort } from '../../ports.js'
import type { Version } from '../../version.js'
import { formatActions } from '../actions.js'
import { formatValue, hex } from '../value.js'
import { actionTypesText } from './action-types.js'
import type { Formatters } from './form.js'
import { formatBits, formatDuration, unknown64 } from './words.js'

const any = 0xffffffff

const typeNames: Readonly<Record<string, string>> = {
  all: 'all',
  select: 'select',
  indirect: 'indirect',
  fastFailover: 'ff',
}

const commands: Readonly<Record<string, string>> = {
  add: 'ADD',
  modify: 'MOD',
  addOrModify: 'ADD_OR_MOD',
  delete: 'DEL',
  insertBucket: 'INSERT_BUCKET',
  removeBucket: 'REMOVE_BUCKET',
}

const bucketNames: ReadonlyMap<number, string> = new Map([
  [BucketId.first, 'first'],
  [BucketId.last, 'last'],
  [BucketId.all, 'all'],
])

function bucketId(label: string, id: number, version: Version): string {
  return version === 6 ? `${label}:${bucketNames.get(id) ?? id},` : ''
}

function bucketText(
  { id, weight = 0, watchPort = any, watchGroup = any, actions }: Bucket,
  position: number,
  select: boolean,
  version: Version,
): string {
  const list: readonly Action[] = actions
  return (
    `bucket=${bucketId('bucket_id', id ?? position, version)}${weight === (select ? 1 : 0) ? '' : `weight:${weight},`}` +
    `${watchPort === any ? '' : `watch_port:${formatPort(watchPort)},`}` +
    `${watchGroup === any ? '' : `watch_group:${watchGroup},`}actions=${formatActions(list)}`
  )
}

/** Fields to hash; a value on the wire says which of its bits count. */
function fieldsText(bytes: Buffer): string {
  const list = readFieldMasks(new Reader(bytes)).map(({ spec, mask }) => {
    const ones = toInteger(spec, mask) === (1n << BigInt(8 * spec.size)) - 1n
    return ones ? spec.text : `${spec.text}=${formatValue(spec, mask)}`
  })
  return list.length === 0 ? '' : list.length === 1 ? `,fields=${list[0]}` : `,fields(${list.join(',')})`
}

interface Group extends GroupProperties {
  group: number
  groupType?: GroupType | undefined
  buckets?: readonly Bucket[] | undefined
}

function groupText({ group, groupType, buckets = [], selection }: Group, version: Version): string {
  const type = groupType === undefined ? '' : `,type=${typeNames[groupType] ?? 'unknown'}`
  const param =
    selection === undefined || selection.param === 0n ? '' : `,selection_method_param=${selection.param}`
  const method =
    selection === undefined || selection.method === ''
      ? ''
      : `,selection_method=${selection.method}${param}${fieldsText(selection.fields)}`
  const list = buckets.map((bucket, i) => `,${bucketText(bucket, i, groupType === 'select', version)}`)
  return `group_id=${group}${type}${method}${list.join('')}`
}

function groupNumber(group: number): string {
  return group === GroupId.all ? 'ALL' : group === GroupId.any ? 'ANY' : String(group)
}

const meterNames: ReadonlyMap<number, string> = new Map([
  [MeterId.slowpath, 'slowpath'],
  [MeterId.controller, 'controller'],
  [MeterId.all, 'all'],
])

function meterNumber(meter: number, separator: string): string {
  return `meter${separator}${meter <= MeterId.max ? meter : (meterNames.get(meter) ?? 'unknown')}`
}

const meterFlags = { 1: 'kbps', 2: 'pktps', 4: 'burst', 8: 'stats' }
const bandNames = { 2: 'drop', 4: 'dscp_remark' }

interface Meter {
  meter: number
  flags?: number | undefined
  bands: readonly MeterBand[]
}

function meterText({ meter, flags = 0, bands }: Meter): string {
  const words = Object.entries(meterFlags).filter(([bit]) => (flags & Number(bit)) !== 0)
  const other = flags & ~15
  const list = bands.map((band) => {
    const name = band.type === 'drop' ? 'drop' : band.type === 'dscpRemark' ? 'dscp_remark' : band.band
    const burst = (flags & MeterFlag.burst) === 0 ? '' : ` burst_size=${band.burst}`
    return `\ntype=${name} rate=${band.rate}${burst}${band.type === 'dscpRemark' ? ` prec_level=${band.precedence}` : ''}`
  })
  const text =
    words.map(([, word]) => `${word} `).join('') + (other === 0 ? '' : `flags:0x${other.toString(16)} `)
  return `${meterNumber(meter, '=')} ${text}bands=${list.join('')}\n`
}

const meterModType = 29
const kinds = ['all', 'select', 'indirect', 'fast failover']

export const group: Formatters = {
  groupMod: ({ command, bucket = BucketId.all, groupType, ...rest }, { version }) => {
    const name = typeof command === 'number' ? `cmd:${command}` : commands[command]
    const ofBuckets = command === 'insertBucket' || command === 'removeBucket'
    const place = ofBuckets ? bucketId('command_bucket_id', bucket, version) : ''
    return `\n ${name} ${place}${groupText(ofBuckets ? rest : { ...rest, groupType: groupType ?? 'all' }, version)}`
  },
  requestForward: ({ request }, { show }) => {
    const text = show(request, 1)
    return ` reason=${request[1] === meterModType ? 'meter_mod' : 'group_mod'}${text.slice(text.indexOf(':') + 1)}`
  },
  groupDescRequest: ({ group: number = GroupId.all }) => ` group_id=${groupNumber(number)}`,
  groupStatsRequest: ({ group: number = GroupId.all }) => ` group_id=${groupNumber(number)}`,
  groupDescReply: ({ groups }, { version }) =>
    groups.map((desc) => `\n ${groupText(desc, version)}`).join(''),
  groupStatsReply: ({ groups }) =>
    groups
      .map(({ group: number, durationSec, durationNsec, references, packets, bytes, buckets }) => {
        const duration = durationSec === any ? '' : `duration=${formatDuration(durationSec, durationNsec)},`
        const each = buckets.map((bucket, i) =>
          bucket.packets === unknown64
            ? ''
            : `,bucket${i}:packet_count=${bucket.packets},byte_count=${bucket.bytes}`,
        )
        return `\n group_id=${number},${duration}ref_count=${references},packet_count=${packets},byte_count=${bytes}${each.join('')}`
      })
      .join(''),
  groupFeaturesReply: ({ types, capabilities, maxGroups, actions }) => {
    const each = kinds.map((name, i) =>
      ((types >>> i) & 1) === 0
        ? ''
        : `    ${name} group:\n       max_groups=${hex(maxGroups[i] ?? 0)}\n       actions: ${actionTypesText(actions[i] ?? 0)}\n`,
    )
    const head = `    Types:  0x${types.toString(16)}\n    Capabilities:  0x${capabilities.toString(16)}\n`
    return `\n Group table:\n${head}${each.join('')}`
  },
  meterMod: ({ command, ...meter }) => {
    const name =
      command === 'add'
        ? 'ADD'
        : command === 'modify'
          ? 'MOD'
          : command === 'delete'
            ? 'DEL'
            : `cmd:${command}`
    return ` ${name} ${meterText(meter)}`
  },
  meterConfigRequest: ({ meter = any }) => ` ${meterNumber(meter, '=')}`,
  meterStatsRequest: ({ meter = any }) => ` ${meterNumber(meter, '=')}`,
  meterConfigReply: ({ meters }) => meters.map((meter) => `\n${meterText(meter)}`).join(''),
  meterStatsReply: ({ meters }) =>
    meters
      .map(({ meter, flows, packets, bytes, durationSec, durationNsec, bands }) => {
        const each = bands.map((band, i) => `${i}: packet_count:${band.packets} byte_count:${band.bytes}\n`)
        const duration = formatDuration(durationSec, durationNsec)
        return `\n${meterNumber(meter, ':')} flow_count:${flows} packet_in_count:${packets} byte_in_count:${bytes} duration:${duration} bands:\n${each.join('')}`
      })
      .join(''),
  meterFeaturesReply: ({ maxMeter, maxBands, maxColor, bandTypes, capabilities }) =>
    `\nmax_meter:${maxMeter} max_bands:${maxBands} max_color:${maxColor}\n` +
    `band_types: ${formatBits(bandTypes, bandNames)}\ncapabilities: ${formatBits(capabilities, meterFlags)}\n`,
}
