import { ipv4Text, ipv6Text } from '../frames/addresses.js'

const reverse4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/
const reverse6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/

/** The address whose name is asked for (RFC 1035 §3.5, RFC 3596 §2.5), canonical; undefined for any other name. */
export function reversedAddress(name: string): string | undefined {
  const bytes = reverse4.exec(name)?.slice(1).reverse().map(Number)
  if (bytes) return bytes.every((byte) => byte < 256) ? ipv4Text(Buffer.from(bytes), 0) : undefined
  const digits = reverse6.exec(name)?.[1]?.replaceAll('.', '')
  return digits && ipv6Text(Buffer.from([...digits].reverse().join(''), 'hex'), 0)
}
