/** Our own execution of flow tables: what a packet meets, and what becomes of it. */
export { type Connection, Connections } from './connections.js'
export { ExecutionError, type ExecutionErrorCode } from './errors.js'
export { type Arrival, execute } from './execute.js'
export type {
  Bridge,
  ConnectionsByHost,
  End,
  Execution,
  Lead,
  Pass,
  Step,
  Topology,
  TunnelEnds,
  Write,
} from './execution.js'
export { FlowTables, type Lookup } from './flow-tables.js'
export { type Fields, Header } from './header.js'
export type { Packet } from './packet.js'
export { ctState } from './tracking.js'
export type { Tuple } from './tuple.js'
