/**
 * Ethernet, IPv4 and IPv6 addresses between text and numbers, without regular expressions: these run once per field of
 * every flow. Parsers answer undefined for what is no address.
 */

/** Value of each hexadecimal digit by its character; -1 for other characters. */
const hexDigits = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(digit) ? -1 : digit
})

const hexDigit = (code: number): number => hexDigits[code] ?? -1

const octet: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** `aa:bb:cc:dd:ee:ff` as a number below 2^48. */
export function parseMac(text: string): number | undefined {
  if (text.length !== 17) return undefined
  let value = 0
  for (let i = 0; i < 17; i += 3) {
    const high = hexDigit(text.charCodeAt(i))
    const low = hexDigit(text.charCodeAt(i + 1))
    if (high < 0 || low < 0 || (i < 15 && text.charCodeAt(i + 2) !== 58)) return undefined
    value = value * 256 + high * 16 + low
  }
  return value
}

/** The Ethernet address of a 16-bit and a 32-bit half. */
export function formatMac(high: number, low: number): string {
  return `${octet[high >>> 8]}:${octet[high & 255]}:${octet[low >>> 24]}:${octet[(low >>> 16) & 255]}:${octet[(low >>> 8) & 255]}:${octet[low & 255]}`
}

/** `a.b.c.d` as an unsigned 32-bit number; from `start` up to `end`. */
export function parseIpv4(text: string, start = 0, end = text.length): number | undefined {
  let value = 0
  let part = -1
  let parts = 0
  for (let i = start; i <= end; i++) {
    const code = i === end ? 46 : text.charCodeAt(i)
    if (code === 46) {
      if (part < 0 || part > 255) return undefined
      value = value * 256 + part
      part = -1
      parts++
    } else if (code >= 48 && code <= 57) {
      part = (part < 0 ? 0 : part * 10) + code - 48
      if (part > 255) return undefined
    } else return undefined
  }
  return parts === 4 ? value : undefined
}

export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

/** Four 32-bit words, most significant first: an IPv6 address or its mask. */
export type Words = readonly [number, number, number, number]

/** An IPv6 address (RFC 4291, §2.2) as words. */
export function parseIpv6(text: string): Words | undefined {
  const groups: number[] = []
  let gap = -1
  let i = 0
  const end = text.length
  if (text.startsWith('::')) {
    gap = 0
    i = 2
  }
  while (i < end) {
    let value = 0
    let digits = 0
    const start = i
    for (; i < end && digits < 5; i++, digits++) {
      const digit = hexDigit(text.charCodeAt(i))
      if (digit < 0) break
      value = value * 16 + digit
    }
    if (digits === 0 || digits > 4) return undefined
    if (i < end && text.charCodeAt(i) === 46) {
      const ipv4 = parseIpv4(text, start)
      if (ipv4 === undefined) return undefined
      groups.push(ipv4 >>> 16, ipv4 & 0xffff)
      i = end
      break
    }
    groups.push(value)
    if (i === end) break
    if (text.charCodeAt(i) !== 58) return undefined
    i++
    if (i < end && text.charCodeAt(i) === 58) {
      if (gap >= 0) return undefined
      gap = groups.length
      i++
    } else if (i === end) return undefined
  }
  if (gap < 0 ? groups.length !== 8 : groups.length > 7) return undefined
  const missing = 8 - groups.length
  const group = (n: number): number =>
    (gap < 0 || n < gap ? groups[n] : n < gap + missing ? 0 : groups[n - missing]) ?? 0
  const word = (n: number): number => ((group(n) << 16) | group(n + 1)) >>> 0
  return [word(0), word(2), word(4), word(6)]
}

/** The canonical text of an IPv6 address (RFC 5952), with IPv4-compatible and IPv4-mapped tails dotted as inet_ntop(3) does. */
export function formatIpv6(words: Words): string {
  const [a, b, c, d] = words
  const groups = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff]
  let best = -1
  let length = 1
  for (let i = 0; i < 8; ) {
    let n = 0
    while (i + n < 8 && groups[i + n] === 0) n++
    if (n > length) {
      best = i
      length = n
    }
    i += n + 1
  }
  if (best === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff)))
    return `${length === 6 ? '::' : '::ffff:'}${formatIpv4(d)}`
  const text = groups.map((group) => group.toString(16))
  if (best < 0) return text.join(':')
  return `${text.slice(0, best).join(':')}::${text.slice(best + length).join(':')}`
}

/** Count of leading ones when all ones lead; -1 for a mask that is no prefix. */
export function prefixLength(mask: number): number {
  const inverse = ~mask >>> 0
  return (inverse & (inverse + 1)) === 0 ? Math.clz32(inverse) : -1
}

export function prefixLength6(mask: Words): number {
  let length = 0
  let open = true
  for (const word of mask) {
    const bits = prefixLength(word)
    if (bits < 0 || (bits > 0 && !open)) return -1
    length += bits
    open = bits === 32
  }
  return length
}

/** The decimal number of one to three digits that the text is from `start` on. */
export function parsePrefix(text: string, start: number): number | undefined {
  const end = text.length
  if (end === start || end > start + 3) return undefined
  let value = 0
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

/** The 32-bit mask of a prefix. */
export function prefixMask(length: number): number {
  return length <= 0 ? 0 : length >= 32 ? 0xffffffff : (0xffffffff << (32 - length)) >>> 0
}

export function prefixMask6(length: number): Words {
  return [prefixMask(length), prefixMask(length - 32), prefixMask(length - 64), prefixMask(length - 96)]
}
