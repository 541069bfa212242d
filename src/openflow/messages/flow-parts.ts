/** Match, actions and instructions as codecs, and the numbers that flows share. */

import type { Action } from '../action.js'
import { decodeActions, encodeActions } from '../actions.js'
import { type Codec, named, u8 } from '../codec.js'
import { decodeInstructions, encodeInstructions } from '../instructions.js'
import { decodeFields, decodeMatch, encodeFields, encodeMatch, type Match } from '../match.js'

export const match: Codec<Match> = { encode: encodeMatch, decode: decodeMatch }

/** Fields without the structure of a match around them, to the end of the surrounding structure. */
export const fields: Codec<Match> = { encode: encodeFields, decode: (r) => decodeFields(r) }

/** Actions up to the end of the surrounding structure. */
export const actions: Codec<readonly Action[]> = { encode: encodeActions, decode: decodeActions }

/** Instructions up to the end of the surrounding structure, as one list of actions. */
export const instructions: Codec<readonly Action[]> = {
  encode: encodeInstructions,
  decode: decodeInstructions,
}

/** OFPP_ANY, OFPG_ANY and OFPM_ALL have one value, and so has OFP_NO_BUFFER. */
export const any = 0xffffffff
export const noBuffer = 0xffffffff
export const allTables = 0xff

/** Why a flow went away (OFPRR_*; OpenFlow 1.5.1, §7.4.2). */
export const removedReason = named(u8, {
  idleTimeout: 0,
  hardTimeout: 1,
  delete: 2,
  groupDelete: 3,
  meterDelete: 4,
  eviction: 5,
})
