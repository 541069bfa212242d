/**
 * A flow's cookie says whose it is: one byte that marks it as ours, one byte for its table, six bytes that are a hash
 * of the unit (table, rule, row) that made it. It needs no memory, so it is the same after a restart.
 */

const owner = 0x51

/** A cookie that says no more than that something is ours. */
export const ours = BigInt(owner) << 56n

/** The cookie of a unit, from its table's number and its id. */
export function cookieFor(table: number, unitId: string): bigint {
  const { high, low } = hash(unitId)
  const head = (owner << 24) | (table << 16) | (high & 0xffff)
  return (BigInt(head >>> 0) << 32n) | BigInt(low)
}

/** Whether a flow with this cookie was written by a controller of this kind. */
export function isOurs(cookie: bigint): boolean {
  return Number(cookie >> 56n) === owner
}

/** A multiplicative hash: two 32-bit lanes, each with a final avalanche. */
function hash(text: string): { readonly high: number; readonly low: number } {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    low = Math.imul(low ^ unit, 2654435761)
    high = Math.imul(high ^ unit, 1597334677)
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  return { high, low: low >>> 0 }
}
