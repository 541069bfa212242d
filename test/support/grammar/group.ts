/** Texts of groups and meters over their whole grammar, without their numbers. */
import fc from 'fast-check'
import type { Version } from '../../../src/openflow/index.js'
import { constant, equals, properties } from './forms.js'
import { decimal, ipv4, mac, number, type Text } from './values.js'

const action: Text = fc.oneof(
  constant('output:1', '2', 'output:LOCAL', 'output:IN_PORT', 'CONTROLLER:128', 'strip_vlan', 'dec_ttl'),
  constant('resubmit(,5)', 'ct(table=3,zone=7)', 'ct_clear', 'move:reg0[]->reg1[]', 'push_vlan:0x8100'),
  number(32).map((value) => `set_field:${value}->reg3`),
  mac.map((value) => `set_field:${value}->eth_dst`),
  ipv4.map((value) => `set_field:${value}->tun_dst`),
  number(16).map((value) => `load:${value}->reg4[0..15]`),
)
const actions: Text = fc
  .array(action, { minLength: 1, maxLength: 4 })
  .map((list) => `actions=${list.join(',')}`)

/** One bucket with what its type of group has. */
const bucket = (first: Text | undefined, others: readonly Text[]): Text =>
  fc
    .tuple(properties(first, others), actions)
    .map((parts) => `bucket=${parts.filter((text) => text !== '').join(',')}`)

const watched = constant('watch_port:1', 'watch_port=2', 'watch_port:3')

const groupOf = (type: string, head: Text, one: Text, most: number): Text =>
  fc
    .tuple(head, fc.array(one, { maxLength: most }))
    .map(([more, buckets]) => [`type=${type}`, more, ...buckets].filter((text) => text !== '').join(','))

const weighed = bucket(undefined, [equals('weight', number(16)), watched])
const selection: Text = fc.oneof(
  constant(''),
  fc
    .tuple(constant('hash', 'dp_hash'), fc.option(number(64), { nil: '' }))
    .map(
      ([method, param]) =>
        `selection_method=${method}${param === '' ? '' : `,selection_method_param=${param}`}`,
    ),
  constant('eth_src', 'ip_dst,nw_proto', 'ip_src=255.255.255.0,tcp_dst', 'reg0=0xffff,metadata').map(
    (fields) => `selection_method=hash,fields(${fields})`,
  ),
)

/** A group without its number; how to select is said since OpenFlow 1.5. */
export const groupText = (version: Version): Text =>
  fc.oneof(
    groupOf('all', constant(''), bucket(undefined, []), 5),
    groupOf('select', version === 6 ? selection : constant(''), weighed, 5),
    groupOf('indirect', constant(''), bucket(undefined, []), 1),
    groupOf('ff', constant(''), bucket(watched, []), 5),
    groupOf('fast_failover', constant(''), bucket(watched, []), 2),
  )

const band = (burst: boolean): Text =>
  fc
    .tuple(constant('drop'), decimal(0xffffffff, 1), decimal(0xffffffff, 1))
    .map(([type, rate, size]) => `type=${type} rate=${rate}${burst ? ` burst_size=${size}` : ''}`)

/** A meter without its number. */
export const meterText: Text = fc
  .tuple(constant('kbps', 'pktps'), fc.boolean(), fc.boolean())
  .chain(([unit, burst, stats]) =>
    fc
      .array(band(burst), { minLength: 1, maxLength: 3 })
      .map((bands) => `${unit}${burst ? ' burst' : ''}${stats ? ' stats' : ''} bands=${bands.join(' ')}`),
  )
