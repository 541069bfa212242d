/** OpenFlow 1.3, 1.4 and 1.5 with Open vSwitch's extensions: values, bytes, text, and sessions with switches. */

export { DecodeError, EncodeError, Reader, Writer } from './bytes.js'
export { formatAddress, parseAddress } from './connection/address.js'
export { type Clock, systemClock } from './connection/clock.js'
export { type ConnectionOptions, OpenFlowConnection } from './connection/connection.js'
export type { Fault } from './connection/dispatcher.js'
export type { Draft, MultipartDraft, ReplyTo, RequestDraft } from './connection/draft.js'
export {
  dialOpenFlow,
  type ListenOptions,
  listenOpenFlow,
  type OpenFlowListener,
} from './connection/endpoints.js'
export {
  AddressError,
  BundleError,
  type CloseReason,
  ConnectionClosed,
  HandshakeError,
  OpenFlowError,
} from './connection/errors.js'
export type { BundleOptions, Mods } from './connection/send-bundle.js'
export { errorName, errorTypeName } from './error-names.js'
export * from './flow.js'
export { Framer } from './framer.js'
export { decodeMessage, encodeMessage, type Message, type MessageBy, type MessageType } from './message.js'
export { type Bucket, BucketId } from './messages/bucket.js'
export { BundleFlag } from './messages/bundle.js'
export { type EncodedFlowMod, encodeFlowMod, type FlowCommand } from './messages/flow-mod.js'
export { type FlowChange, type FlowMonitor, type FlowUpdate, MonitorFlag } from './messages/flow-monitor.js'
export type { FlowDesc } from './messages/flow-stats.js'
export { type GroupDesc, GroupId, type GroupType } from './messages/group.js'
export { type MeterBand, type MeterConfig, MeterFlag, MeterId } from './messages/meter.js'
export type { FlowStats } from './messages/oxs.js'
export { type Port as PortDesc, PortConfig, PortState, type PortStats } from './messages/port.js'
export type { QueueDesc, QueueStats } from './messages/queue.js'
export { TableConfig, type TableFeatures } from './messages/table.js'
export { multipartBody, type RawFlowDesc, scanFlowDescs } from './scan.js'
export { formatMessage } from './text/message.js'
export { versionNumbers } from './version.js'
export { flowToHex, hexToText } from './wire.js'
