import type { PolicyErrorCode } from './codes.js'

/** Where in a file; line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What is wrong with the policy files, and where. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(
    readonly code: PolicyErrorCode,
    place: Place,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.file = place.file
    this.line = place.line
    this.column = place.column
  }

  /** As clients and scripts see it: a message is not among the fields that JSON takes from an error by itself. */
  toJSON(): Place & { readonly code: PolicyErrorCode; readonly message: string } {
    const { code, file, line, column, message } = this
    return { code, file, line, column, message }
  }
}

/** `policies/usr1.yaml:14:9`. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

/** `policies/usr1.yaml:14:9: error: subnet 192.168.1.0/33 is not a CIDR block [bad-cidr]`. */
export function formatError(error: PolicyError): string {
  return `${formatPlace(error)}: error: ${error.message} [${error.code}]`
}

/** Order of a report: by file, then place, then code and text. */
export function compareErrors(a: PolicyError, b: PolicyError): number {
  return (
    compareText(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
