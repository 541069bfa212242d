/** Who can talk to whom according to the files alone. */
export type { Connection, End, Protocol } from './connection.js'
export type { Decision } from './decide.js'
export type { Rows } from './files.js'
export { type Cause, causesOf, Judge, type Judgement, judge, type RouteCause } from './judge.js'
export { type Filter, type Finding, findings } from './matrix.js'
export type { Barrier } from './tenancy.js'
