import { writeFields } from '../openflow/field-masks.js'
import { decodeMessage, encodeMessage, type MessageBy } from '../openflow/message.js'
import type { Bucket } from '../openflow/messages/bucket.js'
import type { GroupProperties, GroupType } from '../openflow/messages/group.js'
import { type MeterBand, MeterFlag } from '../openflow/messages/meter.js'
import { nativeVersion } from './native-version.js'
import type { Choice, RuleMeter } from './table.js'

/** What a group is, apart from its number. */
export interface GroupBody extends Pick<GroupProperties, 'selection'> {
  readonly groupType: GroupType
  readonly buckets: readonly Bucket[]
}

/** What a meter is, apart from its number. */
export interface MeterBody {
  /** MeterFlag. */
  readonly flags: number
  readonly bands: readonly MeterBand[]
}

/** Where a flow has its cookie, groups and meters have nothing: a switch keeps none for them. */
const noCookie = '\0'.repeat(8)

/** A group's content: the message that adds it. What a switch fills in by itself is written out, so that texts compare. */
export function groupContent(group: number, { groupType, buckets, selection }: GroupBody): string {
  return content({
    type: 'groupMod',
    xid: 0,
    command: 'add',
    group,
    groupType,
    buckets: buckets.map(({ id, weight, watchPort, watchGroup, actions }, place) => ({
      id: id ?? place,
      ...(groupType === 'select' ? { weight: weight ?? 1 } : {}),
      ...(isSet(watchPort) ? { watchPort } : {}),
      ...(isSet(watchGroup) ? { watchGroup } : {}),
      actions,
    })),
    ...(selection ? { selection } : {}),
  })
}

/** How a group choice (ovs-ofctl(8), selection_method): by the datapath's hash over addresses and ports, or by fields. */
export function selectionBy(choice: Choice | undefined): Pick<GroupProperties, 'selection'> {
  if (choice === undefined) return {}
  const method = choice === 'connection' ? 'dp_hash' : 'hash'
  const fields = choice === 'connection' ? Buffer.alloc(0) : writeFields(choice)
  return { selection: { method, param: 0n, fields } }
}

/** OFPP_ANY and OFPG_ANY: nothing is watched (OpenFlow 1.5.1, §7.3.4.3.1). */
const nobody = 0xffffffff

function isSet(watched: number | undefined): watched is number {
  return watched !== undefined && watched !== nobody
}

/** A meter's content: the message that adds it. */
export function meterContent(meter: number, { flags, bands }: MeterBody): string {
  return content({ type: 'meterMod', xid: 0, command: 'add', flags, meter, bands })
}

/** A rule's meter as the switch has it: packets over the rate are dropped. */
export function meterBody({ unit, rate, burst }: RuleMeter): MeterBody {
  return {
    flags: (unit === 'packets' ? MeterFlag.pktps : MeterFlag.kbps) | MeterFlag.burst,
    bands: [{ type: 'drop', rate, burst }],
  }
}

function content(message: MessageBy<'groupMod'> | MessageBy<'meterMod'>): string {
  return noCookie + encodeMessage(message, nativeVersion).toString('latin1')
}

/** The message of a content. */
export function messageOf(text: string): MessageBy<'groupMod'> | MessageBy<'meterMod'> {
  const message = decodeMessage(Buffer.from(text.slice(noCookie.length), 'latin1'), nativeVersion)
  if (message.type === 'groupMod' || message.type === 'meterMod') return message
  throw new TypeError(`${message.type} is neither group nor meter`)
}
