/** A session with one switch. */
import type { Duplex } from 'node:stream'
import type { Observable } from 'rxjs'
import type { Message, MessageBy } from '../message.js'
import type { Version } from '../version.js'
import { Channel } from './channel.js'
import { type Clock, systemClock } from './clock.js'
import { Dispatcher, type Fault } from './dispatcher.js'
import type { Draft, MultipartDraft, ReplyTo, RequestDraft } from './draft.js'
import { type ConnectionClosed, HandshakeError } from './errors.js'
import { Exchange } from './exchange.js'
import { shakeHands } from './handshake.js'
import { ourVersions } from './negotiation.js'
import { type BundleOptions, type Mods, sendBundle } from './send-bundle.js'
import { Waiters } from './waiters.js'

/** What a session is to be like; times in milliseconds. */
export interface ConnectionOptions {
  /** Versions to offer; 6, 5 and 4 (OpenFlow 1.5 to 1.3) when left out. The highest common one is taken. */
  versions?: readonly Version[]
  clock?: Clock
  /** An echo goes out after this time without a byte from the switch; 5,000. */
  idleMs?: number
  /** The connection closes after this time without a byte from the switch; 15,000. */
  silenceMs?: number
  /** Time for the switch's hello; 10,000. */
  handshakeMs?: number
  /** Sees all whole messages, one or several at a time, for records that `ovs-ofctl ofp-print` can read. */
  onBytes?: (direction: 'in' | 'out', bytes: Buffer) => void
  /** Where the switch is, for people. */
  remoteAddress?: string
}

/** A session with one switch, from the handshake to its end: messages, requests, bundles, events. */
export class OpenFlowConnection {
  /** What the switch says of itself. */
  readonly features: MessageBy<'featuresReply'>
  readonly remoteAddress: string
  readonly #exchange: Exchange
  readonly #dispatcher: Dispatcher
  readonly #clock: Clock
  #lastBundle = 0

  private constructor(
    exchange: Exchange,
    dispatcher: Dispatcher,
    features: MessageBy<'featuresReply'>,
    options: Required<Pick<ConnectionOptions, 'clock' | 'remoteAddress'>>,
  ) {
    this.#exchange = exchange
    this.#dispatcher = dispatcher
    this.features = features
    this.#clock = options.clock
    this.remoteAddress = options.remoteAddress
  }

  /**
   * Shakes hands over a stream (a socket of TCP, TLS or Unix kind) and asks for the switch's features.
   * @throws HandshakeError; the stream is then closed
   */
  static async open(stream: Duplex, options: ConnectionOptions = {}): Promise<OpenFlowConnection> {
    const { versions = ourVersions, clock = systemClock, idleMs = 5000, silenceMs = 15_000 } = options
    const { handshakeMs = 10_000, onBytes, remoteAddress = '' } = options
    const channel = new Channel(stream, { clock, idleMs, silenceMs, onBytes })
    const waiters = new Waiters()
    const { exchange, dispatcher } = await shakeHands(channel, versions, clock, handshakeMs, (version) => ({
      exchange: new Exchange(version, channel, waiters),
      dispatcher: new Dispatcher(version, channel, waiters),
    }))
    channel.onIdle = () => {
      exchange.send({ type: 'echoRequest', data: Buffer.alloc(0) })
    }
    try {
      const features = await exchange.request({ type: 'featuresRequest' })
      dispatcher.startLive(clock)
      return new OpenFlowConnection(exchange, dispatcher, features, { clock, remoteAddress })
    } catch (cause) {
      channel.close('protocol')
      throw new HandshakeError('the switch did not tell its features', { cause })
    }
  }

  /** The version both sides speak. */
  get version(): Version {
    return this.#exchange.version
  }

  /** 16 hexadecimal digits, as in OVSDB's Bridge.datapath_id. */
  get datapathId(): string {
    return this.features.datapathId.toString(16).padStart(16, '0')
  }

  /** What the switch sends without being asked, and refusals of messages that {@link send} sent. Completes at the end. */
  get events(): Observable<Message> {
    return this.#dispatcher.events
  }

  /** Messages from the switch that could not be decoded; the connection goes on without them. */
  get faults(): Observable<Fault> {
    return this.#dispatcher.faults
  }

  /** Resolves at the end, whatever its reason; never rejects. */
  get closed(): Promise<ConnectionClosed> {
    return this.#exchange.channel.closed
  }

  /**
   * Sends a message without waiting, and answers its transaction id, by which an error among the events can be told.
   * @throws EncodeError
   */
  send(message: Draft): number {
    return this.#exchange.send(message)
  }

  /** Sends bytes of whole messages as they are. */
  sendBytes(messages: Buffer): void {
    this.#exchange.channel.write(messages)
  }

  /**
   * Sends a request and waits for its reply.
   * @throws OpenFlowError, ConnectionClosed, DecodeError, EncodeError
   */
  request<D extends RequestDraft>(message: D): Promise<MessageBy<ReplyTo<D['type']>>> {
    return this.#exchange.request(message)
  }

  /**
   * Sends a multipart request and waits for all parts of its reply.
   * @throws OpenFlowError, ConnectionClosed, DecodeError, EncodeError
   */
  multipart<D extends MultipartDraft>(message: D): Promise<MessageBy<ReplyTo<D['type']>>[]> {
    return this.#exchange.multipart(message)
  }

  /**
   * As {@link multipart}, but hands over each part as bytes when it comes: for `scanFlowDescs(multipartBody(part), version)`.
   * What `onPart` throws rejects the promise.
   */
  multipartBytes(message: MultipartDraft, onPart: (part: Buffer) => void): Promise<void> {
    return this.#exchange.multipartBytes(message, onPart)
  }

  /** Resolves when the switch has done all that was sent before. */
  async barrier(): Promise<void> {
    await this.#exchange.request({ type: 'barrierRequest' })
  }

  /**
   * Sends messages that have no reply of their own, and a barrier: resolves when the switch has done them all.
   * @throws OpenFlowError the first refusal; the others may have been done
   */
  apply(messages: readonly Draft[]): Promise<void> {
    return this.#exchange.apply(messages)
  }

  /**
   * Applies changes of flows and groups together. Each is the bytes of a whole message; its transaction id does not matter.
   * @throws BundleError with the index of the change that the switch refused
   */
  bundle(mods: Mods, options: BundleOptions = {}): Promise<void> {
    this.#lastBundle = this.#lastBundle >= 0xffffffff ? 1 : this.#lastBundle + 1
    return sendBundle(this.#exchange, this.#dispatcher, this.#clock, this.#lastBundle, mods, options)
  }

  /** The bytes of a message in this connection's version. */
  encode(message: Message): Buffer {
    return this.#exchange.encode(message)
  }

  /** Ends the connection, after what was written, and resolves when it has ended. */
  async close(): Promise<void> {
    this.#exchange.channel.close('local')
    await this.closed
  }
}
