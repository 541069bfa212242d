import test from 'ava'
import fc from 'fast-check'
import { statusCode } from '../../src/dhcp6/associations.js'
import {
  type Message,
  messageBytes,
  messageType,
  type Option,
  optionCode,
  optionsBytes,
  readMessage,
  readOptions,
} from '../../src/dhcp6/message.js'
import { dhcp6Reply } from '../../src/dhcp6/reply.js'
import { answer, type Client, serverId } from '../../src/dhcp6/server.js'
import { addressBytes } from '../../src/frames/addresses.js'
import { Malformed } from '../../src/frames/malformed.js'
import { readPacket } from '../../src/frames/packet.js'
import { captured } from '../support/station-frames.js'

const mac = '02:73:6c:00:00:01'
const router = { mac, address: 'fe80::73:6cff:fe00:1' }
const identifier = serverId(mac)
const client: Client = {
  addresses: ['2001:db8:2::4'],
  subnet6: '2001:db8:2::/64',
  dnsServers: ['2001:db8:2::1'],
  domains: ['lan.b.internal'],
  leaseSeconds: 86_400,
}

const clientId = Buffer.from('00010001329411940a0000000002', 'hex')

function frameReply(hex: string): Buffer | undefined {
  const packet = readPacket(Buffer.from(hex, 'hex'))
  const reply = packet && dhcp6Reply(packet, client, router)
  return reply instanceof Malformed ? undefined : reply?.frame
}

const option = (code: number, data: Buffer = Buffer.alloc(0)): Option => ({ code, data })
const byClient = option(optionCode.clientId, clientId)
const toServer = option(optionCode.serverId, identifier)

function association(id: number, addresses: readonly string[], code: number = optionCode.addresses): Option {
  const head = Buffer.alloc(code === optionCode.temporaryAddresses ? 4 : 12)
  head.writeUInt32BE(id)
  const inner = addresses.map((address) =>
    option(optionCode.address, Buffer.concat([addressBytes(address), Buffer.alloc(8)])),
  )
  return option(code, Buffer.concat([head, optionsBytes(inner)]))
}

function ask(type: keyof typeof messageType, options: readonly Option[], of: Client = client) {
  return answer({ type: messageType[type], transaction: 0x123456, options }, of, identifier)
}

/** The associations of an answer: id, addresses with their lifetimes, status. */
function given(message: Message | Malformed | undefined): readonly (readonly (string | number)[])[] {
  if (!message || message instanceof Malformed) return []
  const kinds: readonly number[] = [optionCode.addresses, optionCode.temporaryAddresses, optionCode.prefixes]
  return message.options
    .filter(({ code }) => kinds.includes(code))
    .map(({ code, data }) => {
      const inner = readOptions(data.subarray(code === optionCode.temporaryAddresses ? 4 : 12)) ?? []
      return [
        data.readUInt32BE(0),
        ...inner.map((each) =>
          each.code === optionCode.status
            ? (Object.keys(statusCode)[Object.values(statusCode).indexOf(each.data.readUInt16BE(0) as 0)] ??
              '?')
            : `${each.data.subarray(0, 16).toString('hex')} ${each.data.readUInt32BE(20)}`,
        ),
      ]
    })
}

function status(message: Message | Malformed | undefined): number | undefined {
  if (!message || message instanceof Malformed) return undefined
  return message.options.find(({ code }) => code === optionCode.status)?.data.readUInt16BE(0)
}

const own = '20010db8000200000000000000000004 86400'

test('what dhclient asks is answered, byte for byte', (t) => {
  t.is(
    frameReply(captured.solicit)?.toString('hex'),
    '0a000000000202736c00000186dd' +
      '6000000000851140' +
      'fe8000000000000000736cfffe000001' +
      'fe80000000000000080000fffe000002' +
      // From the server's port to the client's.
      '0223022200850f47' +
      // Advertise; server, client, preference.
      '020ff735' +
      '0002000a0003000102736c000001' +
      '0001000e00010001329411940a0000000002' +
      '00070001ff' +
      // The association with T1, T2 and the address.
      '000300280000000' +
      '20000a8c000010e00' +
      '0005001820010db80002000000000000000000040001518000015180' +
      // DNS server, domain.
      '0017001020010db8000200000000000000000001' +
      '00180010036c616e016208696e7465726e616c00',
  )
  const reply = readPacket(frameReply(captured.informationRequest) ?? Buffer.alloc(0))
  const message = reply && readMessage(reply.payload.subarray(8))
  t.deepEqual(
    message?.options.map(({ code }) => code),
    [optionCode.serverId, optionCode.clientId, optionCode.dnsServers, optionCode.domains],
  )
  t.is(message?.type, messageType.reply)
})

test('checksums of answers are right', (t) => {
  const packet = readPacket(frameReply(captured.solicit) ?? Buffer.alloc(0))
  if (!packet) return t.fail()
  const tail = Buffer.from([0, 0, packet.payload.length >>> 8, packet.payload.length & 0xff, 0, 0, 0, 17])
  const bytes = Buffer.concat([packet.bytes.subarray(8, 40), tail, packet.payload, Buffer.alloc(1)])
  let sum = 0
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  t.is(sum, 0xffff)
})

test('an address is offered, given, and given again', (t) => {
  const iaid = association(7, [])
  t.deepEqual(given(ask('solicit', [byClient, iaid])), [[7, own]])
  t.like(ask('solicit', [byClient, iaid]), { type: messageType.advertise, transaction: 0x123456 })
  t.like(ask('solicit', [byClient, iaid, option(optionCode.rapidCommit)]), { type: messageType.reply })
  for (const type of ['request', 'renew'] as const) {
    const answered = ask(type, [byClient, toServer, association(7, ['2001:db8:2::4'])])
    t.like(answered, { type: messageType.reply })
    t.deepEqual(given(answered), [[7, own]])
  }
  t.deepEqual(given(ask('rebind', [byClient, association(7, ['2001:db8:2::4'])])), [[7, own]])
})

test('whatever a client would like to have, it gets its own', (t) => {
  t.deepEqual(given(ask('solicit', [byClient, association(7, ['2001:db8:9::9'])])), [[7, own]])
  t.deepEqual(given(ask('request', [byClient, toServer, association(7, ['2001:db8:2::9'])])), [[7, own]])
  t.deepEqual(given(ask('request', [byClient, toServer, association(7, ['2001:db8:9::9'])])), [
    [7, 'notOnLink'],
  ])
  // What it has and should not have ends at once.
  t.deepEqual(given(ask('renew', [byClient, toServer, association(7, ['2001:db8:2::9', '2001:db8:2::4'])])), [
    [7, own, '20010db8000200000000000000000009 0'],
  ])
})

test('only one association gets addresses, and none gets prefixes or temporary addresses', (t) => {
  const options = [
    byClient,
    association(1, [], optionCode.prefixes),
    association(2, [], optionCode.temporaryAddresses),
    association(3, []),
    association(4, []),
  ]
  t.deepEqual(given(ask('solicit', options)), [
    [1, 'noPrefixes'],
    [2, 'noAddresses'],
    [3, own],
    [4, 'noAddresses'],
  ])
  t.deepEqual(given(ask('renew', [...options, toServer])), [
    [1, 'noBinding'],
    [2, 'noBinding'],
    [3, own],
    [4, 'noBinding'],
  ])
  t.deepEqual(given(ask('solicit', [byClient, association(3, [])], { ...client, addresses: [] })), [
    [3, 'noAddresses'],
  ])
})

test('a client that comes back is told whether its address is right', (t) => {
  t.is(status(ask('confirm', [byClient, association(1, ['2001:db8:2::4'])])), statusCode.success)
  t.is(status(ask('confirm', [byClient, association(1, ['2001:db8:2::9'])])), statusCode.notOnLink)
  t.is(ask('confirm', [byClient, association(1, [])]), undefined)
})

test('what is given back is accepted', (t) => {
  for (const type of ['release', 'decline'] as const) {
    const answered = ask(type, [byClient, toServer, association(1, ['2001:db8:2::4'])])
    t.is(status(answered), statusCode.success)
    t.deepEqual(given(answered), [])
    t.deepEqual(given(ask(type, [byClient, toServer, association(1, ['2001:db8:2::9'])])), [[1, 'noBinding']])
  }
})

test('settings are what is asked for; everything, where nothing is', (t) => {
  const codes = (message: Message | Malformed | undefined) =>
    message && !(message instanceof Malformed) ? message.options.map(({ code }) => code).slice(1) : []
  const wanted = (...values: readonly number[]) =>
    option(optionCode.requested, Buffer.from(values.flatMap((value) => [0, value])))
  t.deepEqual(codes(ask('informationRequest', [])), [23, 24, 32])
  t.deepEqual(codes(ask('informationRequest', [wanted(24, 99)])), [24])
  t.deepEqual(codes(ask('informationRequest', [wanted(23)], { ...client, dnsServers: [] })), [])
  t.is(ask('informationRequest', [association(1, [])]), undefined)
})

test('what is for another server, or none, is not answered', (t) => {
  const other = option(optionCode.serverId, Buffer.from('0003000102736c000002', 'hex'))
  t.is(ask('request', [byClient, other]), undefined)
  t.is(ask('request', [byClient]), undefined)
  t.is(ask('solicit', [byClient, toServer]), undefined)
  t.is(ask('informationRequest', [other]), undefined)
  for (const type of ['advertise', 'reply'] as const) t.is(ask(type, [byClient, toServer]), undefined)
  t.is(answer({ type: 12, transaction: 0, options: [] }, client, identifier), undefined)
})

test('what is cut short, or has no client, is malformed', (t) => {
  t.true(ask('solicit', []) instanceof Malformed)
  t.true(ask('solicit', [option(optionCode.clientId, Buffer.alloc(131))]) instanceof Malformed)
  t.true(ask('solicit', [byClient, option(optionCode.addresses, Buffer.alloc(11))]) instanceof Malformed)
  const cut = option(optionCode.addresses, Buffer.from(`${'00'.repeat(12)}00050010${'00'.repeat(16)}`, 'hex'))
  t.true(ask('solicit', [byClient, cut]) instanceof Malformed)
  t.is(readMessage(Buffer.from('010ff73500010002ff', 'hex')), undefined)
  t.is(readMessage(Buffer.from('010ff7', 'hex')), undefined)
})

test('messages survive being written and read', (t) => {
  const options = fc.array(
    fc.record({
      code: fc.nat(0xffff),
      data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    }),
    { maxLength: 8 },
  )
  const message = fc.record({ type: fc.nat(255), transaction: fc.nat(0xffffff), options })
  fc.assert(fc.property(message, (each) => t.deepEqual(readMessage(messageBytes(each)), each)))
})

test('any bytes are answered or not, in one packet', (t) => {
  const whole = Buffer.from(captured.solicit, 'hex')
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.tuple(fc.integer({ min: 62, max: whole.length - 1 }), fc.nat(255)), { maxLength: 4 }),
      (at, more, changes) => {
        const frame = Buffer.from(whole)
        for (const [place, byte] of changes) frame.writeUInt8(byte, place)
        for (const each of [frame, Buffer.concat([frame.subarray(0, at), more])]) {
          const answered = frameReply(each.toString('hex'))
          t.true((answered?.length ?? 0) <= 14 + 1280)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('an answer is never larger than the smallest packet', (t) => {
  const addresses = Array.from({ length: 100 }, (_, n) => `2001:db8:2::${(n + 16).toString(16)}`)
  const options = [
    option(optionCode.clientId, Buffer.alloc(130, 1)),
    toServer,
    ...Array.from({ length: 50 }, (_, n) => association(n, addresses.slice(0, 20))),
  ]
  for (const type of ['request', 'renew', 'release'] as const) {
    const answered = ask(type, options, { ...client, addresses })
    if (!answered || answered instanceof Malformed) return t.fail()
    t.true(messageBytes(answered).length <= 1232, `${type}: ${messageBytes(answered).length}`)
  }
})
