/** The Internet checksum (RFC 1071); an odd number of bytes counts as if a zero followed. */
export function checksum(bytes: Buffer): number {
  let sum = 0
  const even = bytes.length & ~1
  for (let at = 0; at < even; at += 2) sum += bytes.readUInt16BE(at)
  if (even < bytes.length) sum += bytes.readUInt8(even) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
