/** DHCPv6 messages between client and server (RFC 8415 §8 and §21.1). */

export const messageType = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  informationRequest: 11,
} as const

export const optionCode = {
  clientId: 1,
  serverId: 2,
  addresses: 3,
  temporaryAddresses: 4,
  address: 5,
  requested: 6,
  preference: 7,
  status: 13,
  rapidCommit: 14,
  dnsServers: 23,
  domains: 24,
  prefixes: 25,
  refreshTime: 32,
} as const

export interface Option {
  readonly code: number
  readonly data: Buffer
}

export interface Message {
  readonly type: number
  /** 24 bits: what an answer has from its question. */
  readonly transaction: number
  readonly options: readonly Option[]
}

const headerLength = 4
const optionHeaderLength = 4

/** Reads what a client sends; undefined for what is cut short. */
export function readMessage(data: Buffer): Message | undefined {
  if (data.length < headerLength) return undefined
  const options = readOptions(data.subarray(headerLength))
  return options && { type: data.readUInt8(0), transaction: data.readUIntBE(1, 3), options }
}

export function messageBytes({ type, transaction, options }: Message): Buffer {
  const header = Buffer.alloc(headerLength)
  header.writeUInt8(type)
  header.writeUIntBE(transaction, 1, 3)
  return Buffer.concat([header, optionsBytes(options)])
}

/** Reads a list of options, of a message or within another option; undefined where one is cut short. */
export function readOptions(bytes: Buffer): readonly Option[] | undefined {
  const options: Option[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + optionHeaderLength > bytes.length) return undefined
    const start = at + optionHeaderLength
    const end = start + bytes.readUInt16BE(at + 2)
    if (end > bytes.length) return undefined
    options.push({ code: bytes.readUInt16BE(at), data: bytes.subarray(start, end) })
    at = end
  }
  return options
}

export function optionsBytes(options: readonly Option[]): Buffer {
  return Buffer.concat(
    options.flatMap(({ code, data }) => {
      const header = Buffer.alloc(optionHeaderLength)
      header.writeUInt16BE(code)
      header.writeUInt16BE(data.length, 2)
      return [header, data]
    }),
  )
}
