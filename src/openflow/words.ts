/** Words for numbers, the same for those who read and those who write text. */
import type { HashFields } from './action.js'

/** Two-way table of numbers and words. */
export interface Words {
  word(number: number): string | undefined
  number(word: string): number | undefined
}

function table(rows: readonly (readonly [number, string])[]): Words {
  const words = new Map(rows)
  const numbers = new Map(rows.map(([number, word]) => [word, number]))
  return { word: (number) => words.get(number), number: (word) => numbers.get(word) }
}

/** Why a packet goes to the controller (OFPR_…, OpenFlow 1.5.1, §7.4.1). */
export const packetInReasons = table([
  [0, 'no_match'],
  [1, 'action'],
  [2, 'invalid_ttl'],
  [3, 'action_set'],
  [4, 'group'],
  [5, 'packet_out'],
])

/** Protocols whose connections open further ones, by port. */
export const helpers = table([
  [21, 'ftp'],
  [69, 'tftp'],
])

/** Headers to put around a packet, by packet type. */
export const encapHeaders = table([
  [0, 'ethernet'],
  [0x1894f, 'nsh'],
  [0x18847, 'mpls'],
  [0x18848, 'mpls_mc'],
])

/** Fields that decide about a path, by their number on the wire. */
export const hashFields: readonly HashFields[] = [
  'eth_src',
  'symmetric_l4',
  'symmetric_l3l4',
  'symmetric_l3l4+udp',
  'nw_src',
  'nw_dst',
  'symmetric_l3',
]
