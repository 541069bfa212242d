/** Pieces that the texts of several messages share. */

export const unknown64 = 0xffffffffffffffffn

/** Names of bits between separators, what has no name in hexadecimal, `0` for none. */
export function formatBits(bits: number, names: Readonly<Record<number, string>>, separator = ' '): string {
  if (bits === 0) return '0'
  const words: string[] = []
  let rest = bits
  for (let i = 0; i < 32; i++) {
    const bit = (1 << i) >>> 0
    const name = names[bit]
    if ((bits & bit) === 0 || name === undefined) continue
    words.push(name)
    rest = (rest & ~bit) >>> 0
  }
  if (rest !== 0) words.push(`0x${rest.toString(16)}`)
  return words.join(separator)
}

/** Seconds with as many decimals as are needed, three at least if any. */
export function formatDuration(seconds = 0, nanoseconds = 0): string {
  if (nanoseconds === 0) return `${seconds}s`
  if (nanoseconds % 1e6 === 0) return `${seconds}.${String(nanoseconds / 1e6).padStart(3, '0')}s`
  return `${seconds}.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}s`
}

/** Lines of 16 bytes in hexadecimal and as characters. */
export function hexDump(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.subarray(at, at + 16)
    const hex = [...line]
      .map((byte, i) => byte.toString(16).padStart(2, '0') + (i === 7 ? '-' : ' '))
      .join('')
    const characters = [...line]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('')
    text += `${at.toString(16).padStart(8, '0')}  ${hex.padEnd(48)}|${characters.padEnd(16)}|\n`
  }
  return text
}

/** What takes the place of a message that cannot be shown. */
export function decodeErrorText(code: string, bytes: Buffer): string {
  return `***decode error: ${code}***\n${hexDump(bytes)}`
}
