/** The first messages of a session (OpenFlow 1.5.1, §6.3.1): hello from both sides, then the switch's features. */
import { DecodeError } from '../bytes.js'
import { decodeMessage, type MessageBy } from '../message.js'
import type { Version } from '../version.js'
import type { Channel } from './channel.js'
import type { Clock } from './clock.js'
import { type ConnectionClosed, HandshakeError } from './errors.js'
import { encodeHello, encodeIncompatible, negotiate } from './negotiation.js'

function firstHello(bytes: Buffer): MessageBy<'hello'> {
  const message = decodeMessage(bytes)
  if (message.type === 'hello') return message
  throw new HandshakeError(`the peer began with ${message.type} instead of hello`)
}

function agree(channel: Channel, versions: readonly Version[], bytes: Buffer): Version {
  const hello = firstHello(bytes)
  const header = bytes[0] ?? 0
  const version = negotiate(versions, header, hello)
  if (version !== undefined) return version
  channel.write(encodeIncompatible(versions, header, hello.xid))
  throw new HandshakeError(
    `no common version: we speak ${versions.join(', ')}, the peer ${hello.versions ?? header}`,
  )
}

/**
 * Says hello and waits for the peer's. `next` runs as soon as the version is known, before any later message.
 * @throws HandshakeError when there is no common version, no hello in time, or the connection ends
 */
export async function shakeHands<T>(
  channel: Channel,
  versions: readonly Version[],
  clock: Clock,
  timeoutMs: number,
  next: (version: Version) => T,
): Promise<T> {
  let cancel = (): void => undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      const lost = (end: ConnectionClosed) =>
        reject(new HandshakeError('the connection ended before the hello', { cause: end }))
      void channel.closed.then(lost)
      cancel = clock.schedule(timeoutMs, () => reject(new HandshakeError(`no hello within ${timeoutMs} ms`)))
      channel.onMessage = (bytes) => {
        channel.onMessage = () => undefined
        try {
          resolve(next(agree(channel, versions, bytes)))
        } catch (error) {
          if (error instanceof DecodeError)
            reject(new HandshakeError('the peer does not speak OpenFlow', { cause: error }))
          else reject(error)
        }
      }
      channel.write(encodeHello(versions, 1))
    })
  } catch (error) {
    channel.close('protocol', error instanceof Error ? error : undefined)
    throw error
  } finally {
    cancel()
  }
}
