import type { Json } from '../../../src/ovsdb/json.js'
import { type Handler, RefusedRequest } from './fake-server.js'
import { a, schema } from './fake-session.js'

const optional = (key: string) => ({ type: { key, min: 0, max: 1 } })
const serverSchema = {
  name: '_Server',
  version: '1.2.0',
  tables: {
    Database: {
      columns: {
        name: { type: 'string' },
        model: { type: 'string' },
        connected: { type: 'boolean' },
        leader: { type: 'boolean' },
        cid: optional('uuid'),
        index: optional('integer'),
      },
    },
  },
}

/** A row of the table Database of `_Server`, with what a leader in good order says. */
export function statusRow(status: { readonly [column: string]: Json } = {}): Json {
  return {
    name: 'db',
    model: 'clustered',
    connected: true,
    leader: true,
    cid: ['uuid', a],
    index: 10,
    ...status,
  }
}

/** Handlers of a server that has `_Server`: its status as `status` tells at the time, and `content` of the database. */
export function withServerDatabase(status: () => Json, content: () => Json): Record<string, Handler> {
  return {
    get_schema: ([database]) => {
      if (database === '_Server') return serverSchema
      if (database === 'db') return schema
      throw new RefusedRequest('unknown database')
    },
    set_db_change_aware: () => ({}),
    monitor_cond_since: ([database]) =>
      database === '_Server' ? [false, a, { Database: { [a]: { initial: status() } } }] : content(),
  }
}
