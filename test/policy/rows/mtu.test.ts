import test from 'ava'
import { workloadMtu } from '../../../src/policy/rows/mtu.js'

const v4 = { underlayMtu: 1500, tunnelIp: '10.0.0.1' }
const v6 = { underlayMtu: 1600, tunnelIp: 'fd00::1' }

test('the underlay less the encapsulation', (t) => {
  t.is(workloadMtu({ encapsulation: 'gre', hosts: [v4] }), 1458)
  t.is(workloadMtu({ encapsulation: 'vxlan', hosts: [v4] }), 1450)
  t.is(workloadMtu({ encapsulation: 'geneve', hosts: [] }), 1450)
})

test('the smallest underlay counts, and the larger header of IPv6', (t) => {
  t.is(workloadMtu({ encapsulation: 'geneve', hosts: [v4, v6] }), 1430)
  t.is(workloadMtu({ encapsulation: 'geneve', hosts: [v6] }), 1530)
  t.is(workloadMtu({ encapsulation: 'gre', hosts: [{ ...v4, underlayMtu: 9000 }] }), 8958)
})
