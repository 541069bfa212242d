import { column, type OvsdbSession, openSession } from 'sluice/ovsdb'

const tables = {
  Open_vSwitch: { bridges: column.set('uuid') },
  Bridge: { name: column.string, ports: column.set('uuid'), fail_mode: column.optional('string') },
  Port: { name: column.string, interfaces: column.set('uuid') },
  Interface: {
    name: column.string,
    ofport: column.optional('integer'),
    external_ids: column.map('string', 'string'),
  },
} as const

/** `endpoint` is tcp:192.0.2.1:6640, tcp:[2001:db8::1]:6640, ssl:192.0.2.1:6640 (with tls) or unix:/run/db.sock. */
export function watchPorts(endpoint: string, tell: (line: string) => void) {
  const session = openSession({ endpoint, database: 'Open_vSwitch', tables })
  session.states.subscribe((state) => {
    if (state.status === 'connected') tell(`connected from ${state.localAddress?.address ?? 'this machine'}`)
    if (state.status === 'disconnected') tell(`${state.reason.message}, again in ${state.retryInMs} ms`)
  })
  session.changes.subscribe((changes) => {
    for (const change of changes) {
      if (change.table === 'Interface' && change.old?.ofport !== change.new?.ofport) {
        tell(`${change.new?.name} is now port ${change.new?.ofport}`)
      }
    }
  })
  return session
}

/** Adds a port to a bridge; resolves to its row. */
export async function addPort(session: OvsdbSession<typeof tables>, bridge: string, name: string) {
  const { port, reached } = await session.transact((tx) => {
    const iface = tx.insert('Interface', { name, external_ids: { 'iface-id': name } })
    const port = tx.insert('Port', { name, interfaces: [iface] })
    return { port, reached: tx.mutate('Bridge', [['name', '==', bridge]], [['ports', 'insert', port]]) }
  })
  if (reached === 0) throw new Error(`there is no bridge ${bridge}`)
  return session.replica.table('Port').get(port)
}
