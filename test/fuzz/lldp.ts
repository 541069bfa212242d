import { readLldp } from '../../src/frames/lldp.js'
import { chassis, frame, port, ttl, whole } from '../support/lldp-frames.js'
import { mutate, type Random } from './mutate.js'

const samples = [whole, frame(chassis, port, ttl)]

/** Reads a damaged announcement of a neighbour: what it says can be shown on a terminal. */
export function tryAnnouncement(random: Random): 'decoded' | 'refused' {
  const found = readLldp(mutate(samples, random))
  if (!found) return 'refused'
  const { ttlSeconds, managementAddresses, ...texts } = found
  for (const text of [...Object.values(texts), ...managementAddresses])
    if (typeof text !== 'string' || !/^[^\p{C}]+$/u.test(text)) throw new Error(JSON.stringify(text))
  if (!(ttlSeconds >= 0 && ttlSeconds <= 0xffff)) throw new Error(`${ttlSeconds} seconds`)
  return 'decoded'
}
