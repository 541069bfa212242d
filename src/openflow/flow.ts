/** Flows: their fields, matches, actions and instructions, on the wire and as text. */
export * from './action.js'
export { decodeActions, encodeActions } from './actions.js'
export { type FieldName, type FieldValue, fieldNames } from './fields.js'
export { decodeInstructions, encodeInstructions } from './instructions.js'
export { decodeFields, decodeMatch, encodeFields, encodeMatch, type Match, type MatchValue } from './match.js'
export { parseActions } from './parse/actions.js'
export { parseFlow } from './parse/flow.js'
export { parseMatch } from './parse/match.js'
export { ParseError, type ParseErrorCode } from './parse/piece.js'
export type { PortNames } from './parse/value.js'
export { formatPort, Port } from './ports.js'
export { type Subfield, wholeField } from './subfield.js'
export { formatActions } from './text/actions.js'
export {
  decodeFlags,
  encodeFlags,
  type Flow,
  type FlowCounters,
  type FlowFlags,
  formatFlow,
} from './text/flow.js'
export { formatMatch } from './text/match.js'
export type { Masked } from './value.js'
export type { Version } from './version.js'
