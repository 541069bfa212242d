export type LabErrorCode =
  | 'bad-plan'
  | 'busy'
  | 'command-failed'
  | 'controller-failed'
  | 'name-taken'
  | 'not-converged'
  | 'not-running'
  | 'remains'
  | 'timeout'
  | 'unknown-name'

/** What went wrong with a lab. `details` lists every single finding where there are several. */
export class LabError extends Error {
  override readonly name = 'LabError'
  constructor(
    readonly code: LabErrorCode,
    message: string,
    readonly details: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super([message, ...details.map((detail) => `  ${detail}`)].join('\n'), options)
  }
}
