/** An output stream, and whether it ends at a terminal. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean }

/** What a command needs of the world around it. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where SIGTERM, SIGINT and SIGHUP are heard. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>
}
