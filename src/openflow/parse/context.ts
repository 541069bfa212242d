/** What parsers of actions know of the flow, and the shape of one. */
import type { Action } from '../action.js'
import type { Match } from '../match.js'
import type { Item, Piece } from './piece.js'
import type { PortNames } from './value.js'

export interface ParseContext {
  readonly names?: PortNames
  /** What the flow matches: it decides what `mod_tp_dst` and the like mean. */
  readonly match: Match
  /** Whether packets have a VLAN tag here. */
  readonly tagged: boolean
  /** Reads the list inside an action; `tracked`: what `ct` does to its connection. */
  actions(piece: Piece, tracked?: boolean): Action[]
}

/** Reads what an action's word came with. */
export type ActionParser = (part: Item, context: ParseContext) => Action | readonly Action[]

export type ActionParsers = Readonly<Record<string, ActionParser>>
