import type { OvsdbClient } from './client.js'
import { ProtocolError } from './errors.js'
import { isObject, type Json } from './json.js'

/**
 * Asks for a lock (RFC 7047 §4.1.8); it is held until `unlock` or the end of the connection. `onChange` is told what
 * the reply says, then true when a lock that was not free is granted, false when another client steals it. A lock
 * that was stolen comes back when the thief gives it up.
 * @returns whether it is held already
 * @throws RequestError, ConnectionError (rejections)
 */
export function lock(client: OvsdbClient, name: string, onChange: (held: boolean) => void): Promise<boolean> {
  return ask(client, 'lock', name, onChange)
}

/** As `lock`, but takes the lock from whoever holds it. */
export function steal(
  client: OvsdbClient,
  name: string,
  onChange: (held: boolean) => void,
): Promise<boolean> {
  return ask(client, 'steal', name, onChange)
}

/** Gives a lock back, or gives up waiting for it. */
export function unlock(client: OvsdbClient, name: string): Promise<void> {
  return client.request('unlock', [name], () => {})
}

function ask(
  client: OvsdbClient,
  method: 'lock' | 'steal',
  name: string,
  onChange: (held: boolean) => void,
): Promise<boolean> {
  client.listen('locked', name, () => onChange(true))
  client.listen('stolen', name, () => onChange(false))
  return client.request(method, [name], (result) => {
    const held = isLocked(result)
    onChange(held)
    return held
  })
}

function isLocked(result: Json): boolean {
  if (isObject(result) && typeof result.locked === 'boolean') return result.locked
  throw new ProtocolError('the reply to a lock does not tell whether it is held')
}
