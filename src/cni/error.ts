import { AttachError, type AttachErrorCode } from '../attach/index.js'

/** Codes of the specification (CNI 1.1, "Error"), and from 100 on this plugin's own. */
export const codes = {
  version: 1,
  field: 2,
  container: 3,
  environment: 4,
  io: 5,
  decode: 6,
  config: 7,
  later: 11,
  unavailable: 50,
  failed: 100,
  taken: 101,
  differs: 102,
} as const

/** A failure as a container runtime is told of it. */
export class CniError extends Error {
  override readonly name = 'CniError'
  constructor(
    /** One of {@link codes}. */
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

const byAttachCode: Partial<Record<AttachErrorCode, number>> = {
  'host-namespace': codes.environment,
  'name-taken': codes.taken,
  'no-answer': codes.later,
  'no-bridge': codes.later,
  'no-namespace': codes.container,
  busy: codes.later,
  database: codes.later,
  timeout: codes.later,
}

/** Any failure as one of the protocol. */
export function cniError(error: unknown): CniError {
  if (error instanceof CniError) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof AttachError ? byAttachCode[error.code] : undefined
  return new CniError(code ?? codes.failed, message, { cause: error })
}
