export type ExecutionErrorCode = 'unsupported-action' | 'unsupported-field' | 'too-many-steps' | 'no-bridge'

/** What execution cannot answer for: it never guesses. */
export class ExecutionError extends Error {
  override readonly name = 'ExecutionError'

  constructor(
    readonly code: ExecutionErrorCode,
    message: string,
  ) {
    super(message)
  }
}
