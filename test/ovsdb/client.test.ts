import test from 'ava'
import { connect, ProtocolError } from '../../src/ovsdb/index.js'
import type { Json } from '../../src/ovsdb/json.js'
import { FakeServer } from './support/fake-server.js'

test('nonsense in place of a result is a protocol error, whatever it is', async (t) => {
  let result: Json = null
  const server = await FakeServer.start({
    list_dbs: () => result,
    get_schema: () => result,
    get_server_id: () => result,
  })
  t.teardown(() => server.stop())
  const client = await connect(server.endpoint)
  t.teardown(() => client.close())
  for (result of [null, { toString: 1, valueOf: 1 }, [{ toString: 1, valueOf: 1 }], ['a', 1]]) {
    for (const ask of ['listDatabases', 'serverId'] as const)
      await t.throwsAsync(client[ask](), { instanceOf: ProtocolError })
    await t.throwsAsync(client.schema('db'), { instanceOf: ProtocolError })
  }
})
