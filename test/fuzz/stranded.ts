import { stranded } from '../../flows/answers.js'
import { isAnswerable } from '../../src/frames/answerable.js'
import { readPacket } from '../../src/frames/packet.js'
import { kinds, places } from '../../src/router/notice.js'
import { Router } from '../../src/router/router.js'
import { ethernet, icmp6, ipv4, ipv6, udp } from '../e2e/support/frames.js'
import { addressesOutside, Cluster, twoTenants } from '../support/cluster.js'
import { mutate, type Random } from './mutate.js'

const mac = '02:73:6c:00:00:01'
const [own, own6, far, far6] = ['192.168.2.4', '2001:db8:2::4', '198.51.100.9', '2001:db8:9::9']
const macs = [mac, '0a:00:00:00:00:04'] as const
const segment = Buffer.from('9c400050000000010000000050020000000000000000', 'hex')
const fragment = Buffer.concat([Buffer.from('1100000112345678', 'hex'), udp(4000, 53)])
const samples = [
  ethernet(...macs, 0x0800, ipv4({ src: own, dst: far, protocol: 17 }, udp(4000, 53, Buffer.alloc(700)))),
  ethernet(...macs, 0x0800, ipv4({ src: far, dst: own, protocol: 6 }, segment)),
  ethernet(...macs, 0x86dd, ipv6({ src: own6, dst: far6, protocol: 6 }, segment)),
  ethernet(...macs, 0x86dd, ipv6({ src: far6, dst: own6, protocol: 44 }, fragment)),
  ethernet(...macs, 0x86dd, icmp6(far6, own6, 128, Buffer.alloc(8))),
]
const { model } = new Cluster().commit(...twoTenants, ...addressesOutside)
const one = <T>(random: Random, values: readonly T[]): T => values[random(values.length)] as T

/** Gives a damaged packet that cannot go on to the router: what it says is a whole packet that nobody answers. */
export function tryStranded(random: Random): 'decoded' | 'refused' {
  const told: Buffer[] = []
  const router = new Router({
    model,
    mac,
    send: (_host, _way, frame) => told.push(frame),
    onAnswer: () => undefined,
    onHandOn: () => undefined,
    now: () => 0,
  })
  const [action] = stranded(one(random, kinds), one(random, places), 1280 + random(1000))
  const userdata = (action?.type === 'controller' && action.userdata) || new Uint8Array()
  router.stranded('h1', {
    userdata: random(20) === 0 ? mutate([Buffer.from(userdata)], random) : userdata,
    frame: mutate(samples, random),
    port: random(3),
    from: one(random, ['workload', 'wire', 'outside'] as const),
    source: one(random, [0, 4, 9]),
    network: one(random, [0, 2, 3]),
    tenant: one(random, [0, 1, 2]),
    gateway: one(random, [0, 9, 10]),
  })
  const [frame] = told
  if (!frame) return 'refused'
  const answer = readPacket(frame)
  if (!answer || answer.bytes.length > 1280) throw new Error(`${frame.length} bytes`)
  if (answer.protocol !== 6 && isAnswerable(answer)) throw new Error('an answer that may be answered')
  return 'decoded'
}
