export type { Backoff } from './backoff.js'
export { checkSchema } from './check-schema.js'
export {
  type ClientOptions,
  type ConnectOptions,
  connect,
  type LocalAddress,
  OvsdbClient,
  type TransactOptions,
} from './client.js'
export {
  type Atom,
  type AtomInput,
  type AtomInputs,
  type AtomKind,
  type Atoms,
  type Column,
  type Columns,
  column,
  type Input,
  type MapColumn,
  type MapInput,
  type OptionalColumn,
  type Row,
  type RowInput,
  type ScalarColumn,
  type SetColumn,
  type SetInput,
  type Tables,
  type Value,
} from './column.js'
export { declareTables } from './declare-tables.js'
export type { TlsOptions } from './dial.js'
export { type Endpoint, formatEndpoint, parseEndpoint, parseEndpoints } from './endpoint.js'
export * from './errors.js'
export type { Json } from './json.js'
export { lock, steal, unlock } from './lock.js'
export {
  Monitor,
  type MonitorOptions,
  type MonitorSink,
  type MonitorTable,
  startMonitor,
} from './monitor.js'
export type { Operation, OperationResult } from './operation.js'
export { type Outcome, outcomeOf } from './outcome.js'
export { type Change, Replica, type ReplicaView, type TableView } from './replica.js'
export type { AtomicType, ColumnType, DatabaseSchema } from './schema.js'
export {
  type Conditions,
  OvsdbSession,
  openSession,
  type SessionOptions,
  type SessionState,
} from './session.js'
export { SessionLock } from './session-lock.js'
export { systemTimer, type Timer } from './timer.js'
export { Affected, Selection, Transaction, type WaitOptions } from './transaction.js'
export { isUuid, NamedUuid, type Uuid, uuid, zeroUuid } from './uuid.js'
export type { Condition, Mutation, Where } from './where.js'
