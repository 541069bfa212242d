import test from 'ava'
import { AttachError, checkFacts } from '../../src/attach/index.js'

test('facts are taken as they are', (t) => {
  const facts = {
    mac: '02:00:00:00:00:0a',
    addresses: ['192.168.1.2/24', 'fd00::2/64'],
    gateways: ['fd00::1'],
    mtu: 1458,
  }
  t.deepEqual(checkFacts(facts), facts)
  t.deepEqual(checkFacts({}), { addresses: [], gateways: [] })
  t.deepEqual(checkFacts({ mac: '02:00:00:00:00:0A', mtu: '1458' }), {
    mac: '02:00:00:00:00:0a',
    mtu: 1458,
    addresses: [],
    gateways: [],
  })
})

test('what is no fact is refused by its value', (t) => {
  const wrong: [unknown, RegExp][] = [
    [null, /null is no object/],
    [{ addresses: '192.168.1.2/24' }, /is no list/],
    [{ addresses: ['192.168.1.2'] }, /192\.168\.1\.2 is no address with its prefix length/],
    [{ addresses: ['192.168.1.2/33'] }, /prefix length/],
    [{ addresses: ['fe80::1%eth0/64'] }, /prefix length/],
    [{ addresses: ['192.168.1.2/24 dev lo'] }, /prefix length/],
    [{ addresses: ['192.168.1.2/24\nlink del lo'] }, /prefix length/],
    [{ gateways: ['router'] }, /router is no IP address/],
    [{ gateways: ['fe80::1%eth0'] }, /is no IP address/],
    [{ mac: '02:00:00:00:00' }, /is no MAC address/],
    [{ mac: 'ff:ff:ff:ff:ff:ff' }, /of a single station/],
    [{ mtu: 20 }, /20 is no MTU/],
    [{ mtu: 'large' }, /large is no MTU/],
  ]
  for (const [value, message] of wrong)
    t.throws(() => checkFacts(value), { instanceOf: AttachError, code: 'bad-facts', message })
})
