import type { PlacementRow } from '../src/model/rows.js'
import { anywhere, output, reflect, set, setPart } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { part, untaggedOfTrunk } from './registers.js'

/** The EtherType of a VLAN tag (IEEE 802.1Q, §9.6). */
const tagType = 0x8100

/** OXM's bit of a tag that is there (OpenFlow 1.5.1, §7.2.3.8, OFPVID_PRESENT). */
const present = 0x1000

/** Packets with this VLAN tag. */
export function tagged(tag: number) {
  return { vlanVid: present | tag } as const
}

/** Puts a VLAN tag before the packet. */
export function pushTag(tag: number): readonly RuleAction[] {
  return [{ type: 'pushVlan', ethType: tagType }, set('vlanVid', present | tag)]
}

export const popTag: RuleAction = { type: 'popVlan' }

/** The tag that the part `tag` says. */
const pushNoted: readonly RuleAction[] = [
  { type: 'pushVlan', ethType: tagType },
  { type: 'move', src: part.tag, dst: { field: 'vlanVid', offset: 0, bits: part.tag.bits } },
]

/** Lets packets out of the port that they came by, too; after that all is as before: there may be copies for others. */
export function outOfAny(actions: readonly RuleAction[]): readonly RuleAction[] {
  const inPort = { field: 'inPort16', offset: 0, bits: 16 } as const
  return [{ type: 'push', src: inPort }, anywhere, ...actions, { type: 'pop', dst: inPort }]
}

const output16: RuleAction = { type: 'outputReg', src: part.port, maxLen: 0xffff }

/** Out of the port that the parts `port` and `tag` say; a trunk's may be the one that the packet came by. */
export const toPort: readonly RuleAction[] = [output16]
export const toPortOfTrunk: readonly RuleAction[] = outOfAny([output16])
/** The tag is taken off again: there may be copies for others. */
export const toPortWithTag: readonly RuleAction[] = outOfAny([...pushNoted, output16, popTag])

/** Back out of the port that the packet came by, with the tag that it came with. */
export const reflectWithTag: readonly RuleAction[] = [...pushNoted, reflect]

/** Whether other workloads are on the same port, told apart by tags. */
export function isOnTrunk({ tag, isTrunk }: PlacementRow): boolean {
  return tag !== undefined || isTrunk === true
}

/** Notes where a workload of this host is. */
export function atPort({ ofport, tag, isTrunk }: PlacementRow): readonly RuleAction[] {
  return [setPart(part.port, ofport), setPart(part.tag, tag ?? (isTrunk ? untaggedOfTrunk : 0))]
}

/** A copy straight out of the port of a workload of this host. */
export function copyTo({ ofport, tag }: PlacementRow): readonly RuleAction[] {
  return tag === undefined ? [output(ofport)] : [...pushTag(tag), output(ofport), popTag]
}

/** What {@link atPort} notes, at once: out of the port of a workload of this host. */
export function deliveryTo(placement: PlacementRow): readonly RuleAction[] {
  return isOnTrunk(placement) ? outOfAny(copyTo(placement)) : toPort
}
