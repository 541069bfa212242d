import test from 'ava'
import { pino } from 'pino'
import { lldpFrame } from '../../src/frames/lldp.js'
import { LldpNeighbours } from '../../src/links/lldp-neighbours.js'

const macs = { destination: '01:80:c2:00:00:0e', source: '52:54:00:00:00:01' }
const from = (chassis: string, port: string, ttlSeconds: number) =>
  lldpFrame(macs, { chassis, port, ttlSeconds })

function setUp() {
  const lines: string[] = []
  const log = pino(
    { formatters: { level: (level) => ({ level }) } },
    {
      write: (line: string) => {
        const { level, msg } = JSON.parse(line)
        lines.push(`${level} ${msg}`)
      },
    },
  )
  const neighbours = new LldpNeighbours(log)
  const names = () => neighbours.of('out@h1').map(({ chassis, port }) => `${chassis} ${port}`)
  return { neighbours, lines, names }
}

test('a neighbour is there for as long as it says', (t) => {
  const { neighbours, lines, names } = setUp()
  neighbours.heard('out@h1', from('sw7', 'p1', 10), 0)
  neighbours.heard('out@h1', from('sw7', 'p2', 20), 0)
  neighbours.expire(10_000, () => true)
  t.deepEqual(names(), ['sw7 p1', 'sw7 p2'])
  neighbours.expire(10_001, () => true)
  t.deepEqual(names(), ['sw7 p2'])
  neighbours.heard('out@h1', from('sw7', 'p2', 20), 15_000)
  neighbours.expire(30_000, () => true)
  t.deepEqual(names(), ['sw7 p2'])
  neighbours.heard('out@h1', from('sw7', 'p2', 0), 31_000)
  t.deepEqual(names(), [])
  t.deepEqual(lines, [
    'info neighbour outside found',
    'info neighbour outside found',
    'warn neighbour outside gone',
    'warn neighbour outside gone',
  ])
})

test('an uplink that is none any more has no neighbours', (t) => {
  const { neighbours, names } = setUp()
  neighbours.heard('out@h1', from('sw7', 'p1', 10), 0)
  neighbours.expire(1, (uplink) => uplink !== 'out@h1')
  t.deepEqual(names(), [])
})

test('what cannot be read, and more than a wire can have, is counted and said once', (t) => {
  const { neighbours, lines, names } = setUp()
  for (let n = 0; n < 100; n++) neighbours.heard('out@h1', Buffer.from(macs.source), 0)
  for (let n = 0; n < 200; n++) neighbours.heard('out@h1', from(`sw${n}`, 'p', 10), 0)
  t.is(names().length, 64)
  t.deepEqual(neighbours.figures, { malformed: 100, refused: 136 })
  t.is(lines.filter((line) => line.startsWith('warn')).length, 2)
})
