import test from 'ava'
import { readAdvertisement, readDestination, whoHas } from '../../src/frames/neighbours.js'

const own = { address: '203.0.113.70', mac: '0a:ff:00:00:00:01' }
const own6 = { address: '2001:db8:f::70', mac: '0a:ff:00:00:00:01' }

test('an ARP request, byte for byte (RFC 826)', (t) => {
  t.is(
    whoHas('203.0.113.1', own).toString('hex'),
    'ffffffffffff0aff000000010806' + '00010800060400010aff00000001cb007146000000000000cb007101',
  )
})

test('a neighbour solicitation goes to the group of its target with a right checksum (RFC 4861)', (t) => {
  const frame = whoHas('2001:db8:f::1', own6)
  t.is(frame.subarray(0, 6).toString('hex'), '3333ff000001')
  t.is(frame.subarray(38, 54).toString('hex'), 'ff0200000000000000000001ff000001')
  t.is(frame.length, 14 + 40 + 32)
  let sum = 58 + frame.readUInt16BE(18)
  for (let at = 22; at < frame.length; at += 2) sum += frame.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  t.is(sum, 0xffff)
})

test('an ARP reply says where a station is; a request says nothing', (t) => {
  const reply = Buffer.from(
    '0aff000000010aee0000000108060001080006040002' + '0aee00000001cb0071010aff00000001cb007146',
    'hex',
  )
  t.deepEqual(readAdvertisement(reply), { address: '203.0.113.1', mac: '0a:ee:00:00:00:01' })
  t.is(readAdvertisement(whoHas('203.0.113.1', own)), undefined)
})

test('a neighbour advertisement says it by its option', (t) => {
  const message = `88000000e0000000${'20010db8000f00000000000000000001'}02010aee00000001`
  const ip = `6000000000203aff${'20010db8000f00000000000000000001'}${'20010db8000f00000000000000000070'}`
  const frame = Buffer.from(`0aff000000010aee0000000986dd${ip}${message}`, 'hex')
  t.deepEqual(readAdvertisement(frame), { address: '2001:db8:f::1', mac: '0a:ee:00:00:00:01' })
})

test('frames that are cut short or something else say nothing', (t) => {
  const frame = whoHas('2001:db8:f::1', own6)
  for (let length = 0; length < frame.length; length++) {
    t.is(readAdvertisement(frame.subarray(0, length)), undefined)
    if (length < 54) t.is(readDestination(frame.subarray(0, length)), undefined)
  }
  t.is(readDestination(frame), 'ff02::1:ff00:1')
})
