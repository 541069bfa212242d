import { clientOf } from '../../src/dhcp6/client.js'
import { messageBytes, messageType, optionCode } from '../../src/dhcp6/message.js'
import { dhcp6Reply } from '../../src/dhcp6/reply.js'
import { serverId } from '../../src/dhcp6/server.js'
import { nameReply } from '../../src/dns/reply.js'
import { domainNameBytes } from '../../src/frames/domain-name.js'
import { Malformed } from '../../src/frames/malformed.js'
import { type IpPacket, readPacket } from '../../src/frames/packet.js'
import { readDatagram, udpFrame } from '../../src/frames/udp.js'
import { Model } from '../../src/model/model.js'
import { RouterAdvertisements } from '../../src/router-advertisements/router-advertisements.js'
import { network, put, tenant, workload } from '../support/rows.js'
import { captured } from '../support/station-frames.js'
import { mutate, type Random } from './mutate.js'

const mac = '0a:00:00:00:00:02'
const router = { mac: '02:73:6c:00:00:01', address: 'fe80::73:6cff:fe00:1' }
const lan = network('t/lan', 1, {
  subnet6: '2001:db8:1::/64',
  gateway6: '2001:db8:1::1',
  dhcp: { dns: ['2001:db8:1::1'], domain: 'lan.t.internal', lease: 60 },
})
const web = workload('t/web', 't/lan', 2, { addresses: ['192.168.1.2', '2001:db8:1::2'] })
const model = new Model()
model.commit([put('tenant', tenant('t', 1)), put('network', lan), put('workload', web)])
const client = clientOf(web, lan)
const advertisements = new RouterAdvertisements({ model, router, send: () => true })

const clientId = { code: optionCode.clientId, data: Buffer.from('00030001' + '0a0000000002', 'hex') }
const association = {
  code: optionCode.addresses,
  data: Buffer.from(
    `${'00000007'.padEnd(24, '0')}00050018${'20010db80001000000000000000000020000'.padEnd(48, '0')}`,
    'hex',
  ),
}
const ofClient = {
  macSource: mac,
  macDestination: '33:33:00:01:00:02',
  source: 'fe80::800:ff:fe00:2',
  destination: 'ff02::1:2',
}

const requests = [messageType.request, messageType.renew, messageType.confirm, messageType.release].map(
  (type) => {
    const server = { code: optionCode.serverId, data: serverId(router.mac) }
    const options = [clientId, ...(type === messageType.confirm ? [] : [server]), association]
    const ports = { source: 546, destination: 547 }
    return udpFrame({ ...ofClient, ports }, messageBytes({ type, transaction: 7, options }))
  },
)

const questions = ['web.lan.t.internal', '2.1.168.192.in-addr.arpa', 'example.org'].map((name) => {
  const head = Buffer.from('000101000001000000000001', 'hex')
  const tail = Buffer.from('00ff000100002910000000000000' + '00', 'hex')
  const ports = { source: 4000, destination: 53 }
  const from = { ...ofClient, macDestination: router.mac, source: '192.168.1.2', destination: '192.168.1.1' }
  return udpFrame({ ...from, ports }, Buffer.concat([head, domainNameBytes(name), tail]))
})

type Service = (packet: IpPacket) => Buffer | Malformed | undefined

const services: readonly (readonly [Service, readonly Buffer[]])[] = [
  [(packet) => advertisements.answer(packet, lan, web), [Buffer.from(captured.routerSolicitation, 'hex')]],
  [
    (packet) => {
      const reply = client && dhcp6Reply(packet, client, router)
      return reply instanceof Malformed ? reply : reply?.frame
    },
    [Buffer.from(captured.solicit, 'hex'), Buffer.from(captured.informationRequest, 'hex'), ...requests],
  ],
  [(packet) => nameReply(packet, { model, networks: [lan] }), questions],
]

/** Gives a damaged frame to a service: its answer is a whole packet that fits the smallest link, and goes back to its sender. */
export function tryQuestion(random: Random): 'decoded' | 'refused' {
  const [service, samples] = services[random(services.length)] ?? []
  if (!service || !samples) throw new Error('no service')
  const packet = readPacket(mutate(samples, random))
  const answer = packet && service(packet)
  if (!packet || answer instanceof Malformed) return 'refused'
  if (!answer) return 'decoded'
  const told = readPacket(answer)
  if (!told || told.bytes.length > 1280) throw new Error(`${answer.length} bytes`)
  if (told.protocol === 17 && !readDatagram(told)) throw new Error('no whole datagram')
  if (told.macDestination !== packet.macSource && told.macDestination !== mac)
    throw new Error('to somebody else')
  return 'decoded'
}
