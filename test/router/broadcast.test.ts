import test from 'ava'
import { isBroadcast } from '../../src/router/broadcast.js'

test('the first and the last address of a subnet are no station’s, except of the smallest', (t) => {
  for (const [address, subnet, is] of [
    ['192.168.1.255', '192.168.1.0/24', true],
    ['192.168.1.0', '192.168.1.0/24', true],
    ['192.168.1.254', '192.168.1.0/24', false],
    ['192.168.2.255', '192.168.1.0/24', false],
    ['10.0.3.255', '10.0.0.0/22', true],
    ['10.0.2.255', '10.0.0.0/22', false],
    ['10.0.0.1', '10.0.0.0/31', false],
    ['2001:db8::', '2001:db8::/64', false],
    ['2001:db8::1', '192.168.1.0/24', false],
  ] as const)
    t.is(isBroadcast(address, subnet), is, `${address} in ${subnet}`)
})
