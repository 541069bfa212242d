import type { z } from 'zod'
import type { Address } from '../address.js'
import { isStation, parseAddress, parseBlock } from '../address.js'
import type { PolicyErrorCode } from '../codes.js'

/** What a rule over several fields of one object adds to zod's list of issues. */
export interface Complaint {
  readonly code: PolicyErrorCode
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** A zod check over a whole object: each complaint becomes an issue at its path. */
export function rule<Fields>(complaints: (fields: Fields) => Iterable<Complaint>) {
  return (fields: Fields, context: z.RefinementCtx<Fields>): void => {
    for (const { code, path, message } of complaints(fields)) {
      context.addIssue({ code: 'custom', path: [...path], message, params: { code, whole: true } })
    }
  }
}

/** Complains of an address field that its subnet field does not cover, or that stands without one. */
export function* withinSubnet(
  fields: Readonly<Record<string, unknown>>,
  addressField: string,
  subnetField: string,
  path: readonly PropertyKey[] = [addressField],
): Generator<Complaint> {
  const text = fields[addressField]
  if (typeof text !== 'string') return
  const subnet = fields[subnetField]
  if (typeof subnet !== 'string') {
    const message = `${addressField} ${text} has no ${subnetField} beside it`
    yield { code: 'missing-subnet', path, message }
    return
  }
  if (!isStationOf(subnet, parseAddress(text))) {
    const message = `${addressField} ${text} is not an address of a station in ${subnetField} ${subnet}`
    yield { code: 'address-outside-subnet', path, message }
  }
}

/** Whether a station of the block, given as text, may have the address. */
export function isStationOf(subnet: string, address: Address | undefined): boolean {
  const block = parseBlock(subnet)
  return block !== undefined && address !== undefined && isStation(block, address)
}
