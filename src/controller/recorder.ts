import { createWriteStream, type WriteStream } from 'node:fs'
import type { Logger } from 'pino'
import { Framer } from '../openflow/index.js'

/** Writes down every OpenFlow message from and to switches: one line of hexadecimal digits each. */
export class Recorder {
  readonly #stream: WriteStream

  /** @param path the file, to which is added; only its owner may read it, for it holds packets of workloads */
  constructor(path: string, log: Logger) {
    this.#stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
    this.#stream.on('error', (error) => log.error({ err: error, path }, 'messages cannot be recorded'))
  }

  /** Takes whole messages. */
  note(messages: Buffer): void {
    for (const message of new Framer().push(messages)) this.#stream.write(`${message.toString('hex')}\n`)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(() => resolve()))
  }
}
