import { DhcpService } from '../../src/dhcp/service.js'
import { Model } from '../../src/model/model.js'
import { clientFrame, readAnswer, type } from '../support/dhcp-client.js'
import { network, put, tenant, workload } from '../support/rows.js'
import { mutate, type Random } from './mutate.js'

const mac = '0a:00:00:00:00:02'
const own = [192, 168, 1, 2]

/** What clients send, well formed. */
const samples: readonly Buffer[] = [
  clientFrame({ type: type.discover, mac, options: [[55, [1, 3, 6, 15, 26, 51, 121]]] }),
  clientFrame({
    type: type.discover,
    mac,
    broadcast: true,
    options: [
      [80, []],
      [61, [1, 2, 3]],
    ],
  }),
  clientFrame({
    type: type.request,
    mac,
    options: [
      [50, own],
      [54, [192, 168, 1, 1]],
      [57, [5, 220]],
    ],
  }),
  clientFrame({ type: type.request, mac, options: [[52, [3]]], file: Buffer.from([50, 4, ...own, 255]) }),
  clientFrame({ type: type.request, mac, ciaddr: '192.168.1.2' }, { src: '192.168.1.2', dst: '192.168.1.1' }),
  clientFrame({ type: type.inform, mac, ciaddr: '192.168.1.2' }, { src: '192.168.1.2' }),
  clientFrame({ type: type.release, mac, ciaddr: '192.168.1.2' }, { src: '192.168.1.2' }),
  clientFrame({ type: type.decline, mac, options: [[50, own]] }),
]

const model = new Model()
model.commit([
  put('tenant', tenant('t', 1)),
  put(
    'network',
    network('t/lan', 1, { dhcp: { dns: ['192.168.1.1'], domain: 'lan.t.internal', lease: 60 } }),
  ),
  put('network', network('t/dmz', 2)),
  put('workload', workload('t/web', 't/lan', 2)),
])

/** Gives a damaged frame to a server: it is counted once, and answered at most once, in the workload's own name. */
export function tryFrame(random: Random): 'decoded' | 'refused' {
  const answers: Buffer[] = []
  const service = new DhcpService({
    model,
    mac: '02:73:6c:00:00:01',
    send: (_host, _port, frame) => answers.push(frame),
    note: () => undefined,
  })
  service.asked('h1', { frame: mutate(samples, random), port: 1, source: 2 })
  const { answers: told, ignored } = service.figures
  const counted = [told, ignored].flatMap((counts) => Object.values(counts))
  if (counted.length !== 1 || counted[0] !== 1)
    throw new Error(`counted as ${JSON.stringify(service.figures)}`)
  if (answers.length !== Object.keys(told).length) throw new Error(`${answers.length} answers`)
  for (const answer of answers)
    if (readAnswer(answer).chaddr !== mac) throw new Error('an answer to somebody else')
  return ignored.malformed ? 'refused' : 'decoded'
}
