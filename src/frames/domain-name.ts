/** The most bytes of a name on the wire, and of one of its labels (RFC 1035 §2.3.4). */
const longest = { name: 255, label: 63 } as const

/** A name as it stands in a packet, and how many bytes it takes there. */
export interface ReadName {
  /** Labels joined by dots, in lower case, without the last dot; bytes that no host name has are written `\ddd`. */
  readonly name: string
  readonly length: number
}

/** A domain name on the wire (RFC 1035 §3.1), not compressed; its labels must be ASCII and not too long. */
export function domainNameBytes(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.')
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
    Buffer.from([0]),
  ])
}

/** Whether a name can stand in a packet. */
export function isDomainName(name: string): boolean {
  return name.length <= longest.name - 2 && name.split('.').every(isLabel)
}

function isLabel(label: string): boolean {
  return label.length > 0 && label.length <= longest.label
}

/** Reads a name that is not compressed; undefined where there is none. */
export function readDomainName(bytes: Buffer, start: number): ReadName | undefined {
  const labels: string[] = []
  for (let at = start; at < bytes.length && at - start < longest.name; ) {
    const size = bytes.readUInt8(at)
    if (size === 0) return { name: labels.join('.'), length: at + 1 - start }
    if (size > longest.label || at + 1 + size > bytes.length) return undefined
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + size)))
    at += 1 + size
  }
  return undefined
}

/** A dot within a label must not look like one between two (RFC 4343 §2.1). */
function labelText(label: Buffer): string {
  return label
    .toString('latin1')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, (byte) => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`)
}
