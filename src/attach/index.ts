export { type AttachOptions, attach, type Host } from './attach.js'
export {
  type CommandOptions,
  exitStatus,
  inParallel,
  type Outcome,
  type Run,
  runCommand,
} from './command.js'
export { containerPid, type Runtime, runtimes } from './container.js'
export { Database, isEndpoint, localDatabase } from './database.js'
export { type Detached, detach, removePairs } from './detach.js'
export { AttachError, type AttachErrorCode } from './error.js'
export { checkAddress, checkFacts, checkGateway, checkMac, checkMtu, type Facts, noFacts } from './facts.js'
export type { Attached } from './gather.js'
export { attachHere, detachAlone, detachHere, type LocalOptions, withHost } from './here.js'
export { linksOf } from './links.js'
export { isDeviceName, portName } from './names.js'
export { checkForeign, namedNetns, processNetns } from './netns.js'
export { inspect, type Owned, ownedInterfaces } from './owned.js'
export { type Attachment, checksumOffloadOff, type TapPlug, type VethPlug } from './plan.js'
