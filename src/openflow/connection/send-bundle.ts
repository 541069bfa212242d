/** A bundle from its opening to its commit (OpenFlow 1.5.1, §6.9). */
import { EncodeError } from '../bytes.js'
import type { MessageBy } from '../message.js'
import { BundleFlag } from '../messages/bundle.js'
import { BundleWriter } from './bundle-writer.js'
import type { Clock } from './clock.js'
import type { Dispatcher } from './dispatcher.js'
import { BundleError, ConnectionClosed, OpenFlowError } from './errors.js'
import type { Exchange } from './exchange.js'

/** How a bundle is carried out. */
export interface BundleOptions {
  /** All or nothing; true when left out. */
  atomic?: boolean
  /** In the order given; true when left out. */
  ordered?: boolean
}

/** Messages of a bundle as bytes, made while it is sent if need be; their transaction ids are overwritten. */
export type Mods = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** How long the writing may keep the event loop. */
const sliceMs = 10

/** Lets others run: what the socket has, timers, promises. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function writeAll(
  mods: Mods,
  writer: BundleWriter,
  { channel }: Exchange,
  clock: Clock,
  stop: () => boolean,
) {
  let slice = clock.now()
  const flush = async () => {
    if (!channel.write(writer.flush())) {
      await channel.drained()
      slice = clock.now()
    } else if (clock.now() - slice >= sliceMs) {
      await breathe()
      slice = clock.now()
    }
    if (channel.end !== undefined) throw channel.end
  }
  if (Symbol.asyncIterator in mods) {
    for await (const mod of mods) {
      if (stop()) return
      if (writer.add(mod)) await flush()
    }
  } else {
    for (const mod of mods) {
      if (writer.add(mod)) {
        await flush()
        if (stop()) return
      }
    }
  }
  await flush()
}

/**
 * Opens the bundle, adds all messages, closes and commits it. When the switch refuses one of them, the bundle is discarded.
 * @throws BundleError
 */
export async function sendBundle(
  exchange: Exchange,
  { errorWatchers }: Dispatcher,
  clock: Clock,
  bundle: number,
  mods: Mods,
  { atomic = true, ordered = true }: BundleOptions,
): Promise<void> {
  const flags = (atomic ? BundleFlag.atomic : 0) | (ordered ? BundleFlag.ordered : 0)
  const writer = new BundleWriter(exchange.version, bundle, flags, () => exchange.waiters.nextXid())
  let refused: BundleError | undefined
  const watch = (error: MessageBy<'error'>): boolean => {
    const index = writer.indexOf(error.xid)
    if (index === undefined) return false
    refused ??= new BundleError(index, new OpenFlowError(error, exchange.version))
    return true
  }
  const control = (request: MessageBy<'bundleControl'>['control']) =>
    exchange.request({ type: 'bundleControl', bundle, control: request, flags })
  errorWatchers.add(watch)
  try {
    // In one flight: only the commit has to wait, for the errors of all additions, which come before the closing's reply.
    const opening = control('openRequest')
    const closing = writeAll(mods, writer, exchange, clock, () => refused !== undefined).then(() =>
      control('closeRequest'),
    )
    const [opened, closed] = await Promise.allSettled([opening, closing])
    if (opened.status === 'rejected') throw opened.reason
    if (closed.status === 'rejected') {
      if (!(closed.reason instanceof ConnectionClosed)) await control('discardRequest')
      throw closed.reason
    }
    if (refused !== undefined) await control('discardRequest')
    else await control('commitRequest')
  } catch (error) {
    if (refused === undefined && (error instanceof OpenFlowError || error instanceof ConnectionClosed))
      throw new BundleError(undefined, error)
    if (refused === undefined && error instanceof EncodeError) throw new BundleError(writer.count, error)
    if (refused === undefined) throw error
  } finally {
    errorWatchers.delete(watch)
  }
  if (refused !== undefined) throw refused
}
