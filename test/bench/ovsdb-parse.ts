import { isObject, type Json } from '../../src/ovsdb/json.js'
import { JsonReader } from '../../src/ovsdb/json-reader.js'
import { figure, report } from './support/report.js'
import { median, timeMs } from './support/statistics.js'

/**
 * A monitor reply of 7 MB in chunks as a socket brings them: split and parsed, against JSON.parse of the same text in
 * one piece.
 */
const CHUNK_BYTES = 65_536
const ROUNDS = 15

const text = JSON.stringify({ id: 1, error: null, result: reply(16_000) })
const bytes = Buffer.from(text)
const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) =>
  bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
)

const plainMs = medianMs(() => JSON.parse(text))
const streamMs = medianMs(() => {
  const reader = new JsonReader(bytes.length)
  return chunks.flatMap((chunk) => reader.push(chunk))[0] ?? null
})
report(
  'ovsdb-parse',
  `a monitor reply of ${(bytes.length / 1e6).toFixed(1)} MB in chunks, against JSON.parse`,
  {
    'JSON.parse': figure(plainMs, 'ms'),
    sluice: figure(streamMs, 'ms'),
    ratio: figure(streamMs / plainMs, '', '< 2'),
  },
)

/** Rows of the Interface table, with integers long enough to be looked at twice. */
function reply(rows: number): Json {
  const table: { [uuid: string]: Json } = {}
  for (let index = 0; index < rows; index++) {
    const tail = index.toString(16).padStart(12, '0')
    table[`550e8400-e29b-41d4-a716-${tail}`] = {
      initial: {
        name: `tap${tail}`,
        type: 'internal',
        ofport: index,
        mac_in_use: 'fa:16:3e:00:00:01',
        external_ids: [
          'map',
          [
            ['iface-id', `550e8400-e29b-41d4-a716-${tail}`],
            ['attached-mac', 'fa:16:3e:00:00:01'],
          ],
        ],
        statistics: [
          'map',
          [
            ['rx_bytes', index * 1_000_003],
            ['tx_bytes', index * 999_983],
            ['rx_errors', 0],
          ],
        ],
        options: ['map', [['description', 'a quoted "word" and a \\ backslash']]],
      },
    }
  }
  return { Interface: table }
}

function medianMs(run: () => Json): number {
  const times = Array.from({ length: ROUNDS }, () =>
    timeMs(() => {
      if (!isObject(run())) throw new Error('the reply was not parsed')
    }),
  )
  return median(times)
}
