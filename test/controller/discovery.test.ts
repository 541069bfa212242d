import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { pino } from 'pino'
import { Discovery } from '../../src/controller/discovery.js'
import { Model } from '../../src/model/model.js'
import type { Change, Claim, NetworkRow } from '../../src/model/rows.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const network = (name: string, discover: boolean): Change<'network'> => {
  const row: NetworkRow = {
    id: `a/${name}`,
    tenant: 'a',
    name,
    vni: 1,
    subnet: '10.0.0.0/24',
    mtu: 1400,
    routed: true,
    discover,
  }
  return { table: 'network', id: row.id, row }
}
const port = (iface: string, claim: Claim): Change<'port'> => {
  const row = { id: `h/${iface}`, host: 'h', name: iface, interface: iface, ofport: 1, claim }
  return { table: 'port', id: row.id, row }
}

test('a document for each claim of a network that discovers, under a name that one can have', async (t) => {
  const directory = await temporaryDirectory(t)
  const model = new Model()
  const discovery = new Discovery({
    model,
    directory,
    fileOf: () => undefined,
    log: pino({ level: 'silent' }),
  })
  t.teardown(() => discovery.close())
  const commit = (...changes: Change[]) => {
    model.commit(changes)
    discovery.follow(changes)
  }
  commit(
    network('open', true),
    network('closed', false),
    port('a/web', { tenant: 'a', network: 'open', mac: '02:00:00:00:00:01', ip: ['10.0.0.9'] }),
    port('../../etc/x', { tenant: 'a', network: 'open' }),
    port('a/shy', { tenant: 'a', network: 'closed' }),
    port('b/lost', { tenant: '..', network: 'open' }),
  )
  t.deepEqual(readdirSync(directory), [], 'nothing is written before the model is whole')
  discovery.start()
  const [hashed = '', web = '', ...others] = readdirSync(directory).sort().reverse()
  t.deepEqual(others, [])
  t.regex([hashed, web].sort().join(' '), /^a\.w-[\da-f]{12}\.json a\.web\.json$/)
  t.deepEqual(JSON.parse(readFileSync(join(directory, 'a.web.json'), 'utf8')), {
    kind: 'Workload',
    tenant: 'a',
    name: 'web',
    network: 'open',
    interface: 'a/web',
    mac: '02:00:00:00:00:01',
    ip: ['10.0.0.9'],
  })

  // What is found wrong is not tried again until it says something else.
  discovery.judge([{ file: join(directory, 'a.web.json'), message: 'taken' }])
  commit(network('open', true))
  t.false(readdirSync(directory).includes('a.web.json'))
  commit(port('a/web', { tenant: 'a', network: 'open' }))
  t.true(readdirSync(directory).includes('a.web.json'))
  commit(network('open', false))
  t.deepEqual(readdirSync(directory), [])
})
