/** Which version two peers speak (OpenFlow 1.5.1, §6.3.1). */
import { encodeMessage, knownVersion, type MessageBy } from '../message.js'
import type { Version } from '../version.js'

/** Versions from the one we like best. */
export const ourVersions: readonly Version[] = [6, 5, 4]

/** Our hello: the highest version in its header, all of them in its bitmap. */
export function encodeHello(versions: readonly Version[], xid: number): Buffer {
  const highest = highestOf(versions)
  return encodeMessage({ type: 'hello', xid, versions: [...versions].sort() }, highest)
}

function highestOf(versions: readonly Version[]): Version {
  return ourVersions.find((version) => versions.includes(version)) ?? 4
}

/**
 * The version to speak, or undefined when there is none in common.
 * @param peerHeader the version in the header of the peer's hello, which counts when it has no bitmap
 */
export function negotiate(
  versions: readonly Version[],
  peerHeader: number,
  hello: MessageBy<'hello'>,
): Version | undefined {
  if (hello.versions !== undefined) {
    const common = versions.filter((version) => hello.versions?.includes(version))
    return common.length === 0 ? undefined : highestOf(common)
  }
  const lower = knownVersion(Math.min(peerHeader, highestOf(versions)))
  return lower !== undefined && versions.includes(lower) ? lower : undefined
}

/** OFPET_HELLO_FAILED, OFPHFC_INCOMPATIBLE, with words for the peer's log. */
export function encodeIncompatible(versions: readonly Version[], peerHeader: number, xid: number): Buffer {
  const data = Buffer.from(`OpenFlow versions spoken here: ${versions.join(', ')}`, 'latin1')
  const bytes = encodeMessage({ type: 'error', xid, errorType: 0, errorCode: 0, data }, highestOf(versions))
  bytes[0] = Math.min(peerHeader, highestOf(versions))
  return bytes
}
