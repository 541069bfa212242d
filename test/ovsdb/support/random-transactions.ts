import fc from 'fast-check'
import {
  CommitError,
  OperationError,
  type OvsdbSession,
  type Transaction,
  type Uuid,
} from '../../../src/ovsdb/index.js'
import type { tables } from './tables.js'

type Db = typeof tables
type Session = OvsdbSession<Db>

/** A random thing to do; `pick` chooses among the rows that happen to be there. */
export const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'grow', 'shrink', 'set', 'clear', 'remove', 'queue'),
  who: fc.boolean(),
  pick: fc.nat(),
  name: fc.integer({ min: 0, max: 12 }),
  numbers: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
  pairs: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('', '1', '"é\\'), {
    noNullPrototype: true,
  }),
})
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Does it; false when the database refused. */
export async function perform(session: Session, todo: Step): Promise<boolean> {
  try {
    await session.transact((tx) => build(session, tx, todo))
    return true
  } catch (error) {
    if (error instanceof CommitError || error instanceof OperationError) return false
    throw error
  }
}

/** Empties the database. */
export async function clear(session: Session): Promise<void> {
  await session.transact((tx) => {
    for (const table of ['Open_vSwitch', 'QoS', 'Queue'] as const) tx.delete(table, [])
    tx.insert('Open_vSwitch', {})
  })
}

function build(session: Session, tx: Transaction<Db>, todo: Step): void {
  const { name, numbers, pairs } = todo
  const root = pickRow(session, 'Open_vSwitch', 0)
  const bridge = pickRow(session, 'Bridge', todo.pick)
  const port = pickRow(session, 'Port', todo.pick)
  const iface = pickRow(session, 'Interface', todo.pick)
  if (!root) return
  if (todo.kind === 'add') {
    const statistics = new Map(numbers.map((n) => [`n${n}`, 2n ** 60n + BigInt(n)]))
    const added = tx.insert('Interface', {
      name: `if${name}`,
      options: pairs,
      statistics,
      type: numbers.length ? 'internal' : '',
    })
    const holder = tx.insert('Port', {
      name: `port${name}`,
      interfaces: [added],
      trunks: numbers,
      tag: numbers[0],
    })
    if (bridge && todo.pick % 3 > 0) tx.mutate('Bridge', bridge, [['ports', 'insert', holder]])
    else {
      const made = tx.insert('Bridge', { name: `br${name}`, ports: [holder], other_config: pairs })
      tx.mutate('Open_vSwitch', root, [
        ['bridges', 'insert', made],
        ['next_cfg', '+=', 1],
      ])
    }
  }
  if (todo.kind === 'grow') {
    tx.mutate('Open_vSwitch', root, [['external_ids', 'insert', pairs]])
    if (bridge)
      tx.mutate('Bridge', bridge, [
        ['flood_vlans', 'insert', numbers],
        ['other_config', 'insert', pairs],
      ])
    if (port)
      tx.mutate('Port', port, [
        ['trunks', 'insert', numbers],
        ['external_ids', 'insert', pairs],
      ])
  }
  if (todo.kind === 'shrink') {
    tx.mutate('Open_vSwitch', root, [['external_ids', 'delete', Object.keys(pairs)]])
    if (bridge)
      tx.mutate('Bridge', bridge, [
        ['flood_vlans', 'delete', numbers],
        ['other_config', 'delete', pairs],
      ])
    if (port) tx.mutate('Port', port, [['trunks', 'delete', numbers]])
  }
  if (todo.kind === 'set') {
    if (bridge)
      tx.update('Bridge', bridge, {
        fail_mode: 'secure',
        stp_enable: true,
        other_config: pairs,
        datapath_type: 'netdev',
      })
    if (port) tx.update('Port', port, { tag: name, trunks: numbers, external_ids: pairs })
    if (iface) tx.update('Interface', iface, { options: pairs, ofport: name, ingress_policing_rate: name })
  }
  if (todo.kind === 'clear') {
    tx.update('Open_vSwitch', root, { external_ids: {} })
    if (bridge)
      tx.update('Bridge', bridge, {
        fail_mode: undefined,
        stp_enable: false,
        flood_vlans: [],
        datapath_type: '',
      })
    if (port) tx.update('Port', port, { tag: undefined, external_ids: {} })
    if (iface) tx.update('Interface', iface, { statistics: {}, ofport: undefined })
  }
  if (todo.kind === 'remove' && todo.pick % 3 === 0) {
    tx.delete('QoS', [])
    tx.delete('Queue', [['dscp', '==', numbers[0]]])
  } else if (todo.kind === 'remove') {
    if (bridge && todo.pick % 2) tx.mutate('Open_vSwitch', root, [['bridges', 'delete', bridge]])
    else if (bridge && port) tx.mutate('Bridge', bridge, [['ports', 'delete', port]])
  }
  if (todo.kind === 'queue') {
    const queue = tx.insert('Queue', { dscp: numbers[0], external_ids: pairs })
    const qos = pickRow(session, 'QoS', todo.pick)
    if (qos)
      tx.mutate('QoS', qos, [
        ['queues', 'delete', numbers],
        ['queues', 'insert', new Map([[name, queue]])],
      ])
    else tx.insert('QoS', { type: 'linux-htb', queues: new Map([[0, queue]]) })
  }
}

function pickRow(session: Session, table: keyof Db, pick: number): Uuid | undefined {
  const uuids = Array.from(session.replica.table(table).rows(), (row) => row._uuid).sort()
  return uuids[pick % uuids.length]
}
