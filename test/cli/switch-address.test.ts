import test from 'ava'
import { dialAddress, listenAddress } from '../../src/cli/switch-address.js'

test('where switches connect is an address and a port, or a path', (t) => {
  t.is(listenAddress('tcp:0.0.0.0:6653'), 'tcp:0.0.0.0:6653')
  t.is(listenAddress('127.0.0.1:0'), 'tcp:127.0.0.1:0')
  t.is(listenAddress('tcp:[::]:6653'), 'tcp:[::]:6653')
  t.is(listenAddress('tcp:192.0.2.1'), 'tcp:192.0.2.1')
  t.is(listenAddress('unix:/run/openflow'), 'unix:/run/openflow')
  for (const text of ['', 'nonsense:', 'ssl:192.0.2.1:6653', 'tcp:192.0.2.300:1', 'tcp:[fd00::g]:1', 'unix:'])
    t.throws(() => listenAddress(text), { code: 'commander.invalidArgument' }, text)
})

test('what switches are told to dial is an address, with or without a port', (t) => {
  t.is(dialAddress('192.0.2.1'), '192.0.2.1')
  t.is(dialAddress('fd00::1'), '[fd00::1]')
  t.is(dialAddress('[fd00::1]'), '[fd00::1]')
  t.is(dialAddress('192.0.2.1:6653'), 'tcp:192.0.2.1:6653')
  t.is(dialAddress('tcp:[fd00::1]:6653'), 'tcp:[fd00::1]:6653')
  for (const text of ['', 'unix:/run/openflow', 'tcp:192.0.2.1:65536', '192.0.2', 'http://controller'])
    t.throws(() => dialAddress(text), { code: 'commander.invalidArgument' }, text)
})
