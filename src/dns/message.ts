/** DNS messages (RFC 1035 §4), as far as answers for one zone need them. */
import { domainNameBytes, readDomainName } from '../frames/domain-name.js'
import { Malformed } from '../frames/malformed.js'

/** What a resolver asks. */
export interface Query {
  readonly id: number
  /** 0: a standard query. Of any other nothing more is read (RFC 1035 §4.1.1, OPCODE). */
  readonly operation: number
  readonly isRecursionDesired: boolean
  /** In lower case, without the last dot. */
  readonly name: string
  readonly type: number
  readonly class: number
  /** The question as it was asked, letter case and all. */
  readonly question: Buffer
  /** What the resolver says of itself (RFC 6891 §6.1); undefined for one that does not know EDNS. */
  readonly extension?: { readonly version: number; readonly mostBytes: number }
}

export const recordType = { a: 1, ptr: 12, aaaa: 28, opt: 41, any: 255 } as const
export const recordClass = { internet: 1, any: 255 } as const

/** Response codes (IANA, DNS Parameters). */
export const responseCode = {
  noError: 0,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const

/** A record of an answer about the name that was asked for. */
export interface AnswerRecord {
  readonly type: number
  readonly data: Buffer
}

/** What is said to a query. */
export interface Answer {
  readonly code: (typeof responseCode)[keyof typeof responseCode]
  readonly records: readonly AnswerRecord[]
}

const headerLength = 12
const flag = { response: 0x8000, authoritative: 0x0400, recursionDesired: 0x0100 } as const
/** What every resolver takes (RFC 1035 §4.2.1), and what fits the smallest link of IPv6 (RFC 8200 §5). */
const payload = { least: 512, most: 1232 } as const
/** How long a resolver may remember an answer: files change. */
const ttlSeconds = 30
/** The name that was asked for, at its place behind the header (RFC 1035 §4.1.4). */
const askedName = Buffer.from([0xc0, headerLength])

/** Reads a query; undefined for an answer, which must not be answered. */
export function readQuery(message: Buffer): Query | Malformed | undefined {
  if (message.length < headerLength) return new Malformed('shorter than a header')
  const flags = message.readUInt16BE(2)
  if (flags & flag.response) return undefined
  const head = {
    id: message.readUInt16BE(0),
    operation: (flags >>> 11) & 0xf,
    isRecursionDesired: (flags & flag.recursionDesired) !== 0,
  }
  if (head.operation !== 0) return { ...head, name: '', type: 0, class: 0, question: Buffer.alloc(0) }
  const [questions, answers, authorities, additional = 0] = [4, 6, 8, 10].map((at) =>
    message.readUInt16BE(at),
  )
  if (questions !== 1 || answers !== 0 || authorities !== 0) return new Malformed('not one question alone')
  const read = readDomainName(message, headerLength)
  const end = headerLength + (read?.length ?? 0) + 4
  if (!read || end > message.length) return new Malformed('the question is cut short')
  const extension = readExtension(message, end, additional)
  if (extension instanceof Malformed) return extension
  return {
    ...head,
    name: read.name,
    type: message.readUInt16BE(end - 4),
    class: message.readUInt16BE(end - 2),
    question: message.subarray(headerLength, end),
    ...(extension && { extension }),
  }
}

/** The OPT record among `count` records behind the question. */
function readExtension(message: Buffer, start: number, count: number): Query['extension'] | Malformed {
  let extension: Query['extension']
  for (let at = start, left = count; left > 0; left--) {
    const name = readDomainName(message, at)
    const fixed = at + (name?.length ?? 0)
    const end =
      name && fixed + 10 <= message.length ? fixed + 10 + message.readUInt16BE(fixed + 8) : undefined
    if (!name || end === undefined || end > message.length) return new Malformed('a record is cut short')
    if (message.readUInt16BE(fixed) === recordType.opt) {
      if (extension || name.length > 1) return new Malformed('two or strange OPT records')
      extension = { mostBytes: message.readUInt16BE(fixed + 2), version: message.readUInt8(fixed + 5) }
    }
    at = end
  }
  return extension
}

/**
 * The message that answers a query. Records that the resolver has no room for are left out: whoever has that many
 * addresses is found by the first ones, and TCP, to which a truncated answer points, is not served.
 */
export function answerBytes(query: Query, { code, records }: Answer): Buffer {
  const { id, operation, isRecursionDesired, question, extension } = query
  const option = extension ? optionRecord(code) : Buffer.alloc(0)
  const asked = extension ? Math.max(extension.mostBytes, payload.least) : payload.least
  let room = Math.min(asked, payload.most) - headerLength - question.length - option.length
  const parts: Buffer[] = []
  for (const record of records.map(recordBytes)) {
    room -= record.length
    if (room >= 0) parts.push(record)
  }
  const header = headerBytes(id, {
    flags:
      (operation << 11) | authority(code) | (isRecursionDesired ? flag.recursionDesired : 0) | (code & 0xf),
    counts: [question.length > 0 ? 1 : 0, parts.length, 0, extension ? 1 : 0],
  })
  return Buffer.concat([header, question, ...parts, option])
}

/** The name that a pointer record leads to. */
export function pointerData(name: string): Buffer {
  return domainNameBytes(name)
}

/** Only what exists, or surely does not, is said with authority (RFC 1035 §4.1.1). */
function authority(code: number): number {
  return code === responseCode.noError || code === responseCode.noSuchName ? flag.authoritative : 0
}

function headerBytes(
  id: number,
  { flags, counts }: { readonly flags: number; readonly counts: readonly number[] },
): Buffer {
  const header = Buffer.alloc(headerLength)
  for (const [index, value] of [id, flag.response | flags, ...counts].entries())
    header.writeUInt16BE(value, 2 * index)
  return header
}

function recordBytes({ type, data }: AnswerRecord): Buffer {
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type)
  fixed.writeUInt16BE(recordClass.internet, 2)
  fixed.writeUInt32BE(ttlSeconds, 4)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.concat([askedName, fixed, data])
}

/** RFC 6891 §6.1.3: the upper bits of the code are here. */
function optionRecord(code: number): Buffer {
  const option = Buffer.alloc(11)
  option.writeUInt16BE(recordType.opt, 1)
  option.writeUInt16BE(payload.most, 3)
  option.writeUInt8(code >>> 4, 5)
  return option
}
