import type { Logger } from 'pino'
import type { ControllerApi } from './contract.js'

/** PEM files for hosts whose database is reached by TLS. */
export interface OvsdbTls {
  /** The authority that signed the hosts' certificates. */
  readonly ca?: Buffer
  /** The controller's own certificate and key, for hosts that ask for one. */
  readonly cert?: Buffer
  readonly key?: Buffer
}

/** What the controller is told when it starts. */
export interface ControllerOptions {
  /** Directories of policy files. */
  readonly policies: readonly string[]
  /** Directory for what must survive. */
  readonly state: string
  /** Where switches may connect, such as `tcp:[::]:6653`: any address of the machine, IPv4 too. */
  readonly openflow: string
  /** The address that switches are told to dial; default: the controller's own end of a host's OVSDB connection. */
  readonly advertise?: string
  readonly ovsdbTls?: OvsdbTls
  /** A file to which every OpenFlow message is written. */
  readonly record?: string
  /** Take an empty directory at its word, also where hosts carry flows. */
  readonly allowEmpty: boolean
  readonly log: Logger
}

/** A controller at work. */
export interface RunningController {
  readonly api: ControllerApi
  /** The directory has been loaded for the first time. */
  readonly ready: Promise<void>
  /** Resolves with what made it impossible to go on. */
  readonly failed: Promise<Error>
  /** Ends every connection and leaves every flow in place. */
  close(): Promise<void>
}

/** Starts a controller; rejects where it cannot start at all. */
export type StartController = (options: ControllerOptions) => Promise<RunningController>
