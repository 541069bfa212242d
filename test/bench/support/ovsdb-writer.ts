import { connect, type Json, type Operation } from '../../../src/ovsdb/index.js'

/**
 * A process of its own that writes into the table Queue: `fill ENDPOINT ROWS` inserts rows, `update ENDPOINT PER_SECOND
 * SECONDS PER_TRANSACTION` overwrites one row after the other at that pace. It ends when the server has confirmed all.
 */
const [task, endpoint = '', ...numbers] = process.argv.slice(2)
const database = 'Open_vSwitch'
const client = await connect(endpoint)
if (task === 'fill') await fill(Number(numbers[0]))
else await update(Number(numbers[0]), Number(numbers[1]), Number(numbers[2]))
client.close()

async function fill(rows: number): Promise<void> {
  for (let done = 0; done < rows; done += 1000) {
    const operations = Array.from({ length: Math.min(1000, rows - done) }, (_, index) => insert(done + index))
    await client.transact(database, operations)
  }
}

function insert(number: number): Operation {
  const name = number.toString(16).padStart(12, '0')
  const pairs: Json = [
    ['iface-id', `550e8400-e29b-41d4-a716-${name}`],
    ['attached-mac', 'fa:16:3e:00:00:01'],
    ['name', `tap${name}`],
  ]
  return { op: 'insert', table: 'Queue', row: { dscp: number % 64, external_ids: ['map', pairs] } }
}

async function update(perSecond: number, seconds: number, perTransaction: number): Promise<void> {
  const [found] = await client.transact(database, [
    { op: 'select', table: 'Queue', where: [], columns: ['_uuid'] },
  ])
  const rows: readonly Json[] = Array.isArray(found?.rows) ? found.rows : []
  const uuids = rows.map((row) => (row as { readonly _uuid: Json })._uuid)
  const begin = performance.now()
  const confirmed: Promise<unknown>[] = []
  let sent = 0
  while (sent < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, (performance.now() - begin) * (perSecond / 1000))
    for (; sent < due; sent += perTransaction) {
      const operations = Array.from({ length: perTransaction }, (_, index) => overwrite(uuids, sent + index))
      confirmed.push(client.transact(database, operations))
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await Promise.all(confirmed)
}

/** Every row gets another value each time its turn comes. */
function overwrite(uuids: readonly Json[], count: number): Operation {
  const uuid = uuids[count % uuids.length] ?? null
  const name = `update ${count}`
  return {
    op: 'update',
    table: 'Queue',
    where: [['_uuid', '==', uuid]],
    row: { external_ids: ['map', [['name', name]]] },
  }
}
