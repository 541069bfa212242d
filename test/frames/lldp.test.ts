import test from 'ava'
import { lldpFrame, readLldp } from '../../src/frames/lldp.js'
import { chassis, frame, head, port, text, tlv, ttl, whole } from '../support/lldp-frames.js'

const macs = { destination: '01:80:c2:00:00:0e', source: '02:73:6c:00:00:02' }
test('a frame names chassis, port and time to live (IEEE 802.1AB)', (t) => {
  const made = lldpFrame(macs, { chassis: 'h1', port: 'h2', ttlSeconds: 120 })
  t.is(made.length, 60)
  t.is(
    made.toString('hex', 0, 32),
    '0180c200000e02736c00000288cc' + '0203076831' + '0403076832' + '06020078' + '0000' + '0000',
  )
  t.deepEqual(readLldp(made), { chassis: 'h1', port: 'h2', ttlSeconds: 120, managementAddresses: [] })
})

test('what a switch says is read', (t) => {
  t.deepEqual(readLldp(whole), {
    chassis: '52:54:00:00:00:01',
    port: 'Ethernet1/3',
    ttlSeconds: 120,
    portDescription: 'to the rack',
    systemName: 'sw7',
    systemDescription: 'a switch',
    managementAddresses: ['192.0.2.7', '2001:db8::7'],
  })
  // The end of the frame is an end as well, and padding behind the end is none of it.
  const ids = { chassis: '52:54:00:00:00:01', port: 'Ethernet1/3' }
  t.like(readLldp(frame(chassis, port, ttl)), ids)
  t.like(readLldp(frame(chassis, port, ttl, tlv(0, ''), 'ffffffff')), ids)
})

test('ids are written as what they are', (t) => {
  const read = (one: string, two: string) => readLldp(frame(tlv(1, one), tlv(2, two), ttl))
  t.like(read('0501c0000201', '03525400000002'), { chassis: '192.0.2.1', port: '52:54:00:00:00:02' })
  t.like(read(`07${text('rack 4')}`, '0401c0000202'), { chassis: 'rack 4', port: '192.0.2.2' })
  // What strangers have written must not reach a terminal as it is.
  t.like(read(`07${text('a\u001b[31mb\n')}`, '07ff'), { chassis: 'a?[31mb?', port: '?' })
})

for (const [why, bytes] of Object.entries({
  'another protocol': Buffer.from(`${head.slice(0, 24)}0800${chassis}${port}${ttl}`, 'hex'),
  'no frame at all': Buffer.from('0180c2', 'hex'),
  'no time to live': frame(chassis, port),
  'another order': frame(port, chassis, ttl),
  'an empty id': frame(tlv(1, '04'), port, ttl),
  'a time to live of one byte': frame(chassis, port, tlv(3, '01')),
  'a second chassis': frame(chassis, port, ttl, chassis),
  'a TLV longer than the frame': frame(chassis, port, ttl, '0aff61'),
}))
  test(`malformed: ${why}`, (t) => t.is(readLldp(bytes), undefined))
