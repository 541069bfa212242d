import { deepStrictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import fc from 'fast-check'
import { filter, firstValueFrom } from 'rxjs'
import {
  type Condition,
  type Conditions,
  ConnectionError,
  type OvsdbSession,
  openSession,
  type Row,
  type Transaction,
} from '../../../src/ovsdb/index.js'
import { canonical } from './canonical.js'
import type { OvsdbServer } from './ovsdb-server.js'
import { pseudoRandom } from './pseudo-random.js'
import { clear, perform, type Step, step } from './random-transactions.js'
import { losses, Relay } from './relay.js'
import { tables } from './tables.js'

type Db = typeof tables
type Session = OvsdbSession<Db>

export interface SoakOptions {
  readonly server: OvsdbServer
  /** The monitor method to end up with; for `monitor` the server itself must know no other. */
  readonly method: 'monitor' | 'monitor_cond' | 'monitor_cond_since'
  readonly transactions: number
  readonly seed: number
}

export interface SoakResult {
  readonly applied: number
  readonly refused: number
  /** Transactions that a broken connection left without an answer. */
  readonly unanswered: number
  readonly reconnections: number
  readonly conditionChanges: number
  /** Changes of conditions, and transactions, whose connection ended between the request and its reply. */
  readonly lostInFlight: number
}

const names = ['Open_vSwitch', 'Bridge', 'Port', 'Interface', 'QoS', 'Queue'] as const

/** What changing conditions choose from. */
const choices: readonly Conditions<Db>[] = [
  {},
  { Bridge: [['name', '==', 'br1']], Port: [['trunks', 'includes', [1]]] },
  { Bridge: [['stp_enable', '==', true]], Port: [false], Queue: [] },
  {
    Bridge: [
      ['fail_mode', '==', 'secure'],
      ['name', '==', 'br2'],
    ],
    Interface: [['ingress_policing_rate', '>', 3]],
  },
  { Interface: [['type', '!=', 'internal']], Port: [['tag', '==', 3]], Queue: [['dscp', '==', undefined]] },
]
/** Every table whole, to leave no former condition in place. */
const whole: Conditions<Db> = { Bridge: [], Port: [], Interface: [], Queue: [] }

/**
 * Lets three clients do random transactions: one at the server itself, one on a connection that breaks at random bytes,
 * one on such a connection with conditions that change. After each transaction every replica must equal what `select`
 * says, and what following the changes alone leads to.
 */
export async function soak({ server, method, transactions, seed }: SoakOptions): Promise<SoakResult> {
  const alter = (text: string) =>
    method === 'monitor_cond' ? text.replace('"monitor_cond_since"', '"monitor_absent"') : text
  const relay = await Relay.start(join(server.directory, 'soak'), join(server.directory, 'sock'), alter)
  const [direct, broken, choosy] = [
    new Client(server.endpoint),
    new Client(`unix:${relay.path}`),
    new Client(`unix:${relay.path}`),
  ]
  const clients = [direct, broken, choosy]
  const random = pseudoRandom(seed)
  let [applied, refused, unanswered, conditionChanges, lostInFlight] = [0, 0, 0, 0, 0]
  try {
    await direct.connected()
    await clear(direct.session)
    for (const todo of fc.sample(step, { numRuns: transactions, seed })) {
      relay.asked = ''
      relay.answered = ''
      const loss = losses[Math.floor(random() * losses.length)] ?? 'reply'
      if (random() < 0.05) relay.remaining = 1 + Math.floor(random() * 3000)
      if (method !== 'monitor' && random() < 0.1) {
        // Also between the rows that come by new conditions and the reply that confirms them.
        if (random() < 0.3) relay.remaining = 1 + Math.floor(random() * 1500)
        const choice = choices[Math.floor(random() * choices.length)] ?? {}
        await choosy.connected()
        const lose = random() < 0.2
        if (lose) relay.lose('monitor_cond_change', loss)
        const changed = await choosy.choose({ ...whole, ...choice })
        if (changed) conditionChanges++
        if (lose && !changed) lostInFlight++
      }
      const actor = todo.who ? direct : random() < 0.5 ? broken : choosy
      await actor.connected()
      const lose = actor !== direct && random() < 0.02
      if (lose) relay.lose('transact', loss)
      const outcome = await act(actor, todo)
      if (lose && outcome === undefined) lostInFlight++
      if (outcome === undefined) unanswered++
      else if (outcome) applied++
      else refused++
      for (const client of clients) await client.verify()
    }
    const reconnections = clients.reduce((sum, client) => sum + client.losses, 0)
    return { applied, refused, unanswered, reconnections, conditionChanges, lostInFlight }
  } finally {
    for (const client of clients) await client.session.close()
    relay.stop()
  }
}

/** Whether the transaction was applied; undefined when the connection broke before an answer. */
async function act(client: Client, todo: Step): Promise<boolean | undefined> {
  await client.connected()
  try {
    return await perform(client.session, todo)
  } catch (error) {
    if (error instanceof ConnectionError) return undefined
    throw error
  }
}

class Client {
  readonly session: Session
  losses = 0
  #conditions: Conditions<Db> = {}
  readonly #followed = new Map<string, Row>()

  constructor(endpoint: string) {
    const database = 'Open_vSwitch'
    this.session = openSession({ endpoint, database, tables, backoff: { minMs: 1, maxMs: 5 } })
    this.session.states.subscribe((state) => {
      if (state.status === 'disconnected') this.losses++
    })
    this.session.changes.subscribe((changes) => {
      for (const { uuid, old, new: row } of changes) {
        deepStrictEqual(this.#followed.get(uuid), old)
        if (row) this.#followed.set(uuid, row)
        else this.#followed.delete(uuid)
      }
    })
  }

  async connected(): Promise<void> {
    await firstValueFrom(this.session.states.pipe(filter(({ status }) => status === 'connected')))
  }

  /** Changes the conditions; false when the connection broke meanwhile. */
  async choose(conditions: Conditions<Db>): Promise<boolean> {
    await this.connected()
    try {
      await this.session.changeConditions(conditions)
      this.#conditions = conditions
      return true
    } catch (error) {
      if (error instanceof ConnectionError) return false
      throw error
    }
  }

  /** Throws unless the replica has just the rows that `select` finds. The reply comes after every update before it. */
  async verify(): Promise<void> {
    await this.connected()
    try {
      const selected = await this.session.transact((tx) =>
        names.map((name) => selectAny(tx, name, this.#conditions)),
      )
      for (const [index, name] of names.entries()) {
        const found = new Map((selected[index] ?? []).flat().map((row) => [row._uuid, row]))
        deepStrictEqual(canonical(this.session.replica.table(name).rows()), canonical(found.values()), name)
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      return this.verify()
    }
    const held = names.flatMap((name) => [...this.session.replica.table(name).rows()])
    deepStrictEqual(canonical(this.#followed.values()), canonical(held), 'the changes, followed')
  }
}

/** Selects the rows that meet at least one condition, with a select for each. */
function selectAny<N extends keyof Db>(tx: Transaction<Db>, name: N, conditions: Conditions<Db>) {
  const parts: readonly (Condition<Db[N]> | boolean)[] = conditions[name] ?? []
  if (parts.length === 0) return [tx.select(name, [])]
  return parts.flatMap((part) => (typeof part === 'boolean' ? [] : [tx.select(name, [part])]))
}
