import { ipv4Text, ipv6Text, macBytes, macText } from './addresses.js'
import { etherType } from './protocols.js'

/** What a frame says of the station that sent it (IEEE 802.1AB, §8.5). Texts are as people read them. */
export interface LldpAnnouncement {
  readonly chassis: string
  readonly port: string
  /** Seconds for which this holds; 0: the station goes. */
  readonly ttlSeconds: number
  readonly portDescription?: string
  readonly systemName?: string
  readonly systemDescription?: string
  /** IP addresses at which the station is managed; others are left out. */
  readonly managementAddresses: readonly string[]
}

/** Types of TLVs (IEEE 802.1AB, table 8-1). */
const type = {
  end: 0,
  chassis: 1,
  port: 2,
  ttl: 3,
  portDescription: 4,
  systemName: 5,
  systemDescription: 6,
  managementAddress: 8,
} as const

/** An id that is nothing but text, for chassis and port alike. */
const locallyAssigned = 7
const headerLength = 14
const minimum = 60

/** A frame by which `chassis` says who it is and by which `port` it speaks. */
export function lldpFrame(
  { destination, source }: { readonly destination: string; readonly source: string },
  { chassis, port, ttlSeconds }: Pick<LldpAnnouncement, 'chassis' | 'port' | 'ttlSeconds'>,
): Buffer {
  const ttl = Buffer.alloc(2)
  ttl.writeUInt16BE(ttlSeconds)
  const frame = Buffer.concat([
    ...[macBytes(destination), macBytes(source)],
    Buffer.from([etherType.lldp >>> 8, etherType.lldp & 0xff]),
    tlv(type.chassis, idBytes(chassis)),
    tlv(type.port, idBytes(port)),
    tlv(type.ttl, ttl),
    tlv(type.end, Buffer.alloc(0)),
  ])
  return frame.length < minimum ? Buffer.concat([frame], minimum) : frame
}

/** Reads an LLDP frame; undefined for any other frame, and for one that breaks the rules of §9.2.7.7 or of its own lengths. */
export function readLldp(frame: Buffer): LldpAnnouncement | undefined {
  if (frame.length < headerLength || frame.readUInt16BE(12) !== etherType.lldp) return undefined
  const tlvs = readTlvs(frame.subarray(headerLength))
  const [first, second, third, ...others] = tlvs ?? []
  if (first?.type !== type.chassis || second?.type !== type.port || third?.type !== type.ttl) return undefined
  const chassis = idText(first.value, chassisForms)
  const port = idText(second.value, portForms)
  if (chassis === undefined || port === undefined || third.value.length < 2) return undefined
  // These three stand once (§9.2.7.7.1).
  if (others.some((other) => other.type >= type.chassis && other.type <= type.ttl)) return undefined
  const textOf = (wanted: number) => {
    const found = others.find((other) => other.type === wanted && other.value.length > 0)
    return found && printable(found.value)
  }
  const [portDescription, systemName, systemDescription] = [
    textOf(type.portDescription),
    textOf(type.systemName),
    textOf(type.systemDescription),
  ]
  return {
    chassis,
    port,
    ttlSeconds: third.value.readUInt16BE(0),
    ...(portDescription === undefined ? {} : { portDescription }),
    ...(systemName === undefined ? {} : { systemName }),
    ...(systemDescription === undefined ? {} : { systemDescription }),
    managementAddresses: others.flatMap((other) =>
      other.type === type.managementAddress ? (managementAddress(other.value) ?? []) : [],
    ),
  }
}

interface Tlv {
  readonly type: number
  readonly value: Buffer
}

/** The TLVs up to the end, which may also be that of the frame; undefined where one is longer than the frame. */
function readTlvs(bytes: Buffer): readonly Tlv[] | undefined {
  const found: Tlv[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const header = bytes.readUInt16BE(at)
    const end = at + 2 + (header & 0x1ff)
    if (end > bytes.length) return undefined
    if (header >>> 9 === type.end) break
    found.push({ type: header >>> 9, value: bytes.subarray(at + 2, end) })
    at = end
  }
  return found
}

type Form = 'mac' | 'address'

/** How an id is written, by its subtype (§8.5.2.2, §8.5.3.2); the others are text. */
const chassisForms: ReadonlyMap<number, Form> = new Map([
  [4, 'mac'],
  [5, 'address'],
])
const portForms: ReadonlyMap<number, Form> = new Map([
  [3, 'mac'],
  [4, 'address'],
])

/** An id, whose first byte is its subtype; undefined for one that is empty or too long. */
function idText(value: Buffer, forms: ReadonlyMap<number, Form>): string | undefined {
  if (value.length < 2 || value.length > 256) return undefined
  const form = forms.get(value.readUInt8(0))
  const id = value.subarray(1)
  if (form === 'mac' && id.length === 6) return macText(id, 0)
  return (form === 'address' && addressText(id)) || printable(id)
}

/** A network address behind the number of its family (IANA, Address Family Numbers). */
function addressText(bytes: Buffer): string | undefined {
  if (bytes.length === 5 && bytes[0] === 1) return ipv4Text(bytes, 1)
  if (bytes.length === 17 && bytes[0] === 2) return ipv6Text(bytes, 1)
  return undefined
}

/** §8.5.9: the length of the address, the address, and what is not told here. */
function managementAddress(value: Buffer): string | undefined {
  return value.length === 0 ? undefined : addressText(value.subarray(1, 1 + value.readUInt8(0)))
}

/** Text as it may be shown on a terminal: strangers have written it. */
function printable(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll(/[\p{C}\u2028\u2029\ufffd]/gu, '?')
}

function idBytes(text: string): Buffer {
  return Buffer.concat([Buffer.from([locallyAssigned]), Buffer.from(text, 'utf8')])
}

function tlv(of: number, value: Buffer): Buffer {
  const header = Buffer.alloc(2)
  header.writeUInt16BE((of << 9) | value.length)
  return Buffer.concat([header, value])
}
