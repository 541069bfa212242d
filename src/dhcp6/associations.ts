/** Identity associations: how a client asks for addresses and prefixes (RFC 8415 §21.4 to §21.6 and §21.21). */
import { addressBytes, ipv6Text } from '../frames/addresses.js'
import { type Option, optionCode, optionsBytes, readOptions } from './message.js'

/** IANA, DHCPv6 Status Codes. */
export const statusCode = {
  success: 0,
  noAddresses: 2,
  noBinding: 3,
  notOnLink: 4,
  noPrefixes: 6,
} as const

export type Status = keyof typeof statusCode

/** What a client calls one association, and the addresses that it names there. */
export interface Association {
  readonly code: number
  readonly id: number
  readonly addresses: readonly string[]
}

/** An address for a client, and for how many seconds; 0: no longer. */
export interface Grant {
  readonly address: string
  readonly seconds: number
}

const kinds: readonly number[] = [optionCode.addresses, optionCode.temporaryAddresses, optionCode.prefixes]
const addressLength = 24
/** Renew after half of the lifetime, ask any server after four fifths (RFC 8415 §14.2). */
const timers = { renew: 0.5, rebind: 0.8 } as const

/** The associations of a message; undefined where one is cut short. */
export function readAssociations(options: readonly Option[]): readonly Association[] | undefined {
  const found: Association[] = []
  for (const { code, data } of options) {
    if (!kinds.includes(code)) continue
    const fixed = fixedLength(code)
    const inner = data.length < fixed ? undefined : readOptions(data.subarray(fixed))
    const named = inner?.filter((option) => option.code === optionCode.address)
    if (!named || named.some((option) => option.data.length < addressLength)) return undefined
    found.push({
      code,
      id: data.readUInt32BE(0),
      addresses: named.map((option) => ipv6Text(option.data, 0)),
    })
  }
  return found
}

/** The option that gives addresses to an association. */
export function grantOption({ code, id }: Association, grants: readonly Grant[]): Option {
  const seconds = Math.max(...grants.map((grant) => grant.seconds))
  const options = grants.map((grant) => {
    const lifetimes = Buffer.alloc(8)
    lifetimes.writeUInt32BE(grant.seconds)
    lifetimes.writeUInt32BE(grant.seconds, 4)
    return { code: optionCode.address, data: Buffer.concat([addressBytes(grant.address), lifetimes]) }
  })
  return { code, data: Buffer.concat([head(code, id, seconds), optionsBytes(options)]) }
}

/** The option that says why an association gets nothing. */
export function refusalOption({ code, id }: Association, status: Status): Option {
  return { code, data: Buffer.concat([head(code, id, 0), optionsBytes([statusOption(status)])]) }
}

/** RFC 8415 §21.13; the text is for people who look at packets. */
export function statusOption(status: Status): Option {
  const data = Buffer.alloc(2)
  data.writeUInt16BE(statusCode[status])
  return { code: optionCode.status, data: Buffer.concat([data, Buffer.from(status)]) }
}

function head(code: number, id: number, seconds: number): Buffer {
  const bytes = Buffer.alloc(fixedLength(code))
  bytes.writeUInt32BE(id)
  if (bytes.length === 4) return bytes
  bytes.writeUInt32BE(Math.floor(seconds * timers.renew), 4)
  bytes.writeUInt32BE(Math.floor(seconds * timers.rebind), 8)
  return bytes
}

/** Temporary addresses have no timers. */
function fixedLength(code: number): number {
  return code === optionCode.temporaryAddresses ? 4 : 12
}
