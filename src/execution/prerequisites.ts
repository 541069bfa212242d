import { type FieldName, fieldNames } from '../openflow/fields.js'

/** What a condition reads of a header. */
interface Numbers {
  number(field: FieldName): number
}

type Holds = (header: Numbers) => boolean

const ethType = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  ipv6: 0x86dd,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  nsh: 0x894f,
}

const type =
  (...types: readonly number[]): Holds =>
  (header) =>
    types.includes(header.number('ethType'))

const ipv4 = type(ethType.ipv4)
const ipv6 = type(ethType.ipv6)
const ip = type(ethType.ipv4, ethType.ipv6)
const laterFragment = 2

/** Of a protocol whose header is in this packet: later fragments have none. */
const inside =
  (of: Holds, protocol: number): Holds =>
  (header) =>
    of(header) && header.number('ipProto') === protocol && (header.number('ipFrag') & laterFragment) === 0

const icmpv6 = inside(ipv6, 58)
const discovery =
  (...types: readonly number[]): Holds =>
  (header) =>
    icmpv6(header) && types.includes(header.number('icmpv6Type')) && header.number('icmpv6Code') === 0

const solicitation = 135
const advertisement = 136

/** What must be in a packet for it to have a field, by the beginning of the field's name (ovs-fields(7)). */
const rows: readonly (readonly [begin: string, holds: Holds])[] = [
  ['ipv4', ipv4],
  ['ipv6', ipv6],
  ['ip', ip],
  ['nwTos', ip],
  ['arp', type(ethType.arp, ethType.rarp)],
  ['tcp', inside(ip, 6)],
  ['udp', inside(ip, 17)],
  ['sctp', inside(ip, 132)],
  ['icmpv4', inside(ipv4, 1)],
  ['icmpv6', icmpv6],
  ['ndSll', discovery(solicitation)],
  ['ndTll', discovery(advertisement)],
  ['nd', discovery(solicitation, advertisement)],
  ['mpls', type(ethType.mpls, ethType.mplsMulticast)],
  ['nsh', type(ethType.nsh)],
  ['vlanPcp', (header) => (header.number('vlanTci') & 0x1000) !== 0],
]

const conditions: ReadonlyMap<FieldName, Holds> = new Map(
  fieldNames.flatMap((field): [FieldName, Holds][] => {
    const row = rows.find(([begin]) => field.startsWith(begin))
    return row ? [[field, row[1]]] : []
  }),
)

/** Whether the packet has the field: Open vSwitch neither copies nor sets a field that is not there. */
export function hasField(field: FieldName, header: Numbers): boolean {
  return conditions.get(field)?.(header) ?? true
}
