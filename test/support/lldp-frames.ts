/** LLDP frames in pieces, for tests (IEEE 802.1AB). */

export const head = '0180c200000e525400000001' + '88cc'

/** A TLV: 7 bits of type, 9 of length (IEEE 802.1AB, §8.4). */
export function tlv(type: number, hex: string): string {
  const header = (type << 9) | (hex.length / 2)
  return header.toString(16).padStart(4, '0') + hex
}
export const text = (value: string) => Buffer.from(value).toString('hex')
export const chassis = tlv(1, '04525400000001')
export const port = tlv(2, `05${text('Ethernet1/3')}`)
export const ttl = tlv(3, '0078')
export const frame = (...tlvs: readonly string[]) => Buffer.from(head + tlvs.join(''), 'hex')

/** What a switch says, with everything that is read and something that is not. */
export const whole = frame(
  ...[chassis, port, ttl],
  tlv(4, text('to the rack')),
  tlv(5, text('sw7')),
  tlv(6, text('a switch')),
  tlv(7, '00140014'),
  tlv(8, '05' + '01c0000207' + '0200000001' + '00'),
  tlv(8, '11' + '02' + '20010db8000000000000000000000007' + '0200000001' + '00'),
  tlv(8, '07' + '06525400000001' + '0200000001' + '00'),
  tlv(127, '00120f0300'),
  tlv(0, ''),
)
