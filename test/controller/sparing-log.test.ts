import test from 'ava'
import { pino } from 'pino'
import { SparingLog } from '../../src/controller/sparing-log.js'

test('of what repeats there is a line now and then, with how many were left out', (t) => {
  const lines: { msg: string; leftOut?: number }[] = []
  let now = 0
  const log = new SparingLog(pino({}, { write: (line) => lines.push(JSON.parse(line)) }), () => now, 1000)
  const warn = (about: string) => log.warn(about, { of: about }, `${about} again`)
  for (const [at, about] of [
    [0, 'a'],
    [1, 'b'],
    [500, 'a'],
    [999, 'a'],
    [1000, 'a'],
    [2500, 'a'],
  ] as const) {
    now = at
    warn(about)
  }
  t.deepEqual(
    lines.map(({ msg, leftOut }) => [msg, leftOut]),
    [
      ['a again', undefined],
      ['b again', undefined],
      ['a again', 2],
      ['a again', undefined],
    ],
  )
})
