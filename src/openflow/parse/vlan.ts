/** VLAN tags as matches speak of them: the whole 16 bits, the number, the priority. */
import { isMasked } from '../entry.js'
import { fieldSpec } from '../fields.js'
import { fail, type Item, parseNumber } from './piece.js'
import { parseValue } from './value.js'

const present = 0x1000
const vid = 0x0fff
const pcp = 0xe000

/** What a match says of the tag. */
export interface Tag {
  value: number
  mask: number
}

const words: ReadonlySet<string> = new Set(['dl_vlan', 'dl_vlan_pcp', 'vlan_vid', 'vlan_pcp', 'vlan_tci'])

export function isVlanWord(word: string): boolean {
  return words.has(word)
}

function put(tag: Tag, bits: number, value: number, mask = bits): void {
  tag.value = (tag.value & ~bits) | (value & mask)
  tag.mask = (tag.mask & ~bits) | mask
}

/** Numbers and priorities say that there is a tag; 0xffff in the place of a number says that there is none. */
function putVlan(tag: Tag, { value }: Item): void {
  const number = parseNumber(value, 16)
  if (number === 0xffff) {
    put(tag, 0xffff, 0)
    return
  }
  if (number > vid) fail('bad-value', value, 'is no VLAN')
  put(tag, present | vid, present | number)
}

/** Takes up what the item says of the tag, in the place of what was said before of the same bits. */
export function addTag(tag: Tag, part: Item): void {
  const { key, value } = part
  if (key.text === 'dl_vlan') {
    putVlan(tag, part)
    return
  }
  if (key.text === 'dl_vlan_pcp' || key.text === 'vlan_pcp') {
    tag.mask |= pcp | present
    tag.value = (tag.value & ~pcp) | present | (parseNumber(value, 3) << 13)
    return
  }
  const entry = parseValue(fieldSpec(key.text === 'vlan_vid' ? 'vlanVid' : 'vlanTci'), value)
  const [number, mask] = isMasked(entry) ? [Number(entry.value), Number(entry.mask)] : [Number(entry), 0xffff]
  if (key.text === 'vlan_tci') put(tag, 0xffff, number, mask)
  else put(tag, present | vid, number, mask & (present | vid))
}
