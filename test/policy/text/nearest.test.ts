import test from 'ava'
import { didYouMean, nearest } from '../../../src/policy/text/nearest.js'

test('the nearest word', (t) => {
  t.is(nearest('tunelIp', ['ovsdb', 'tunnelIp', 'bridge']), 'tunnelIp')
  t.is(nearest('tunnelip', ['ovsdb', 'tunnelIp']), 'tunnelIp')
  t.is(nearest('lables', ['labels']), 'labels')
  t.is(nearest('usr3', ['usr2', 'usr1']), 'usr1')
  t.is(nearest('x', ['abc']), undefined)
  t.is(nearest('ovsdb', []), undefined)
  t.is(didYouMean('nmae', ['name', 'kind']), ', did you mean name?')
  t.is(didYouMean('qqqq', ['name', 'kind']), '')
})
