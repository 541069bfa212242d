import type { ExecutionContext } from 'ava'
import { filter, firstValueFrom } from 'rxjs'
import { type Change, column, openSession, type SessionOptions, uuid } from '../../../src/ovsdb/index.js'
import { FakeServer, type Handler, RefusedRequest } from './fake-server.js'
import { ManualTimer } from './manual-timer.js'

export const tables = { T: { name: column.string, tags: column.set('integer') } } as const
export const a = uuid('00000000-0000-4000-8000-00000000000a')
export const b = uuid('00000000-0000-4000-8000-00000000000b')
export const c = uuid('00000000-0000-4000-8000-00000000000c')
export const t1 = uuid('00000000-0000-4000-8000-000000000001')
export const t2 = uuid('00000000-0000-4000-8000-000000000002')
export const many = { key: 'integer', min: 0, max: 'unlimited' } as const
export const schema = {
  name: 'db',
  version: '1.0.0',
  tables: { T: { columns: { name: { type: 'string' }, tags: { type: many } } } },
}
export const initial = { T: { [a]: { initial: { name: 'a', tags: 1 } }, [b]: { initial: { name: 'b' } } } }

/** A server with the database `db`, and without `_Server`. */
export async function startServer(t: ExecutionContext, handlers: Record<string, Handler>) {
  const get_schema: Handler = ([database]) => {
    if (database === '_Server') throw new RefusedRequest('unknown database')
    return schema
  }
  const server = await FakeServer.start({ get_schema, ...handlers })
  t.teardown(() => server.stop())
  return server
}

export async function setUp(
  t: ExecutionContext,
  handlers: Record<string, Handler>,
  options: Partial<SessionOptions<typeof tables>> = {},
) {
  const server = await startServer(t, handlers)
  const clock = new ManualTimer()
  const session = openSession({
    endpoint: server.endpoint,
    database: 'db',
    tables,
    timer: clock.timer,
    random: () => 0,
    ...options,
  })
  t.teardown(() => session.close())
  const changes: (readonly Change<typeof tables>[])[] = []
  session.changes.subscribe((list) => changes.push(list))
  const reached = (status: 'connected' | 'disconnected') =>
    firstValueFrom(session.states.pipe(filter((state) => state.status === status)))
  const rows = () => [...session.replica.table('T').rows()].map(({ name, tags }) => [name, ...tags])
  const names = () => changes.map((list) => list.map((change) => [change.old?.name, change.new?.name]))
  return { server, clock, session, changes, names, reached, rows }
}
