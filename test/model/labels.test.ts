import test from 'ava'
import { classOf, formatLabelSet, parseLabelSet, selects } from '../../src/model/labels.js'

test('a class follows from the labels alone, whatever order they have', (t) => {
  t.is(classOf({ a: '1', b: '2' }), classOf({ b: '2', a: '1' }))
  t.not(classOf({ a: '1' }), classOf({ a: '2' }))
  t.not(classOf({}), classOf({ a: '' }))
  t.regex(classOf({}), /^[0-9a-f]{16}$/)
  t.deepEqual(parseLabelSet(formatLabelSet({ b: '2', a: '1' })), {
    class: classOf({ a: '1', b: '2' }),
    labels: { a: '1', b: '2' },
  })
})

test('a selector selects what meets all of its conditions', (t) => {
  const labels = { role: 'web', zone: 'a' }
  t.true(selects({}, labels))
  t.true(selects({ role: 'web', zone: 'a' }, labels))
  t.false(selects({ role: 'web', zone: 'b' }, labels))
  t.true(selects({ role: { in: ['db', 'web'] } }, labels))
  t.false(selects({ rack: { in: ['1'] } }, labels))
  t.false(selects({ role: { notIn: ['web'] } }, labels))
  t.true(selects({ rack: { notIn: ['1'] } }, labels))
  t.true(selects({ role: 'exists', rack: 'absent' }, labels))
  t.false(selects({ rack: 'exists' }, labels))
  t.false(selects({ role: 'absent' }, labels))
  t.true(selects({ toString: 'absent' }, labels))
})
