export type AttachErrorCode =
  | 'ambiguous-container'
  | 'bad-facts'
  | 'busy'
  | 'command-failed'
  | 'database'
  | 'host-namespace'
  | 'left-behind'
  | 'name-taken'
  | 'no-answer'
  | 'no-bridge'
  | 'no-container'
  | 'no-device'
  | 'no-namespace'
  | 'port-failed'
  | 'stopped'
  | 'timeout'

/** Why a workload could not be attached or detached. */
export class AttachError extends Error {
  override readonly name = 'AttachError'
  constructor(
    readonly code: AttachErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
