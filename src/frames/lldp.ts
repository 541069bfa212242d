/** LLDP's group address for the nearest bridge, and its EtherType (IEEE 802.1AB, §7.1 and §7.4). */
const head = Buffer.from('0180c200000e02736c00000288cc', 'hex')
const minimum = 60

/** A frame by which a host says who it is (IEEE 802.1AB, §8.5): chassis id, port id and time to live in seconds. */
export function lldpFrame(chassis: string, port: string, ttlSeconds: number): Buffer {
  const ttl = Buffer.alloc(2)
  ttl.writeUInt16BE(ttlSeconds)
  const parts = [head, tlv(1, local(chassis)), tlv(2, local(port)), tlv(3, ttl), tlv(0, Buffer.alloc(0))]
  const frame = Buffer.concat(parts)
  return frame.length < minimum ? Buffer.concat([frame], minimum) : frame
}

/** An id of subtype 7, locally assigned, for chassis and port alike. */
function local(id: string): Buffer {
  return Buffer.concat([Buffer.from([7]), Buffer.from(id, 'utf8')])
}

function tlv(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(2)
  header.writeUInt16BE((type << 9) | value.length)
  return Buffer.concat([header, value])
}
