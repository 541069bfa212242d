/** The demonstration cannot go on; `code` says why. */
export class DemoError extends Error {
  override readonly name = 'DemoError'
  constructor(
    readonly code: 'not-root' | 'missing-commands' | 'lab-is-up' | 'not-in-step' | 'interrupted',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
