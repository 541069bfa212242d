/** Whole messages over a stream of bytes, with back-pressure and keep-alive. */
import type { Duplex } from 'node:stream'
import { DecodeError } from '../bytes.js'
import { Framer } from '../framer.js'
import type { Clock } from './clock.js'
import { type CloseReason, ConnectionClosed } from './errors.js'

export interface ChannelOptions {
  clock: Clock
  /** Sends a probe after this time without a byte from the peer, and closes after `silenceMs` without one. */
  idleMs: number
  silenceMs: number
  /** Sees all whole messages, one or several at a time, for records. */
  onBytes?: ((direction: 'in' | 'out', bytes: Buffer) => void) | undefined
}

/** Owns the stream: nobody else reads, writes or ends it. */
export class Channel {
  readonly closed: Promise<ConnectionClosed>
  /** Takes each message as it comes. Bytes are views that nobody overwrites. */
  onMessage: (bytes: Buffer) => void = () => undefined
  /** Asks the peer for a sign of life. */
  onIdle: () => void = () => undefined

  readonly #stream: Duplex
  readonly #options: ChannelOptions
  readonly #framer = new Framer()
  #end: ConnectionClosed | undefined
  #resolveClosed: (end: ConnectionClosed) => void = () => undefined
  #heard: number
  #probed = false
  #cancelTimer: () => void

  constructor(stream: Duplex, options: ChannelOptions) {
    this.#stream = stream
    this.#options = options
    this.#heard = options.clock.now()
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('error', (cause) => this.#finish('stream', cause))
    stream.on('end', () => this.#finish('peer'))
    stream.on('close', () => this.#finish('peer'))
    this.#cancelTimer = options.clock.schedule(options.idleMs, () => this.#watch())
  }

  get end(): ConnectionClosed | undefined {
    return this.#end
  }

  /** Writes bytes; true when the peer takes them fast enough. After the end it does nothing. */
  write(bytes: Buffer): boolean {
    if (this.#end !== undefined) return true
    this.#options.onBytes?.('out', bytes)
    return this.#stream.write(bytes)
  }

  /** Waits until the peer has taken enough of what was written, or the connection has ended. */
  async drained(): Promise<void> {
    if (this.#end !== undefined || !this.#stream.writableNeedDrain) return
    await Promise.race([new Promise<void>((resolve) => this.#stream.once('drain', resolve)), this.closed])
  }

  /** Ends the connection after what is written already. */
  close(reason: CloseReason, cause?: Error): void {
    this.#finish(reason, cause)
  }

  #receive(chunk: Buffer): void {
    if (this.#end !== undefined) return
    this.#heard = this.#options.clock.now()
    this.#probed = false
    try {
      for (const message of this.#framer.push(chunk)) {
        this.#options.onBytes?.('in', message)
        this.onMessage(message)
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#finish('protocol', error)
    }
  }

  #watch(): void {
    const { clock, idleMs, silenceMs } = this.#options
    const silent = clock.now() - this.#heard
    if (silent >= silenceMs) {
      this.#finish('silence')
      return
    }
    if (silent >= idleMs && !this.#probed) {
      this.#probed = true
      this.onIdle()
    }
    const next = silent < idleMs ? idleMs - silent : silenceMs - silent
    this.#cancelTimer = clock.schedule(next, () => this.#watch())
  }

  #finish(reason: CloseReason, cause?: Error): void {
    if (this.#end !== undefined) return
    this.#end = new ConnectionClosed(reason, cause === undefined ? undefined : { cause })
    this.#cancelTimer()
    if (reason === 'local' || reason === 'protocol') this.#stream.end()
    else this.#stream.destroy()
    this.#resolveClosed(this.#end)
  }
}
