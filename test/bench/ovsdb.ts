import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { filter, firstValueFrom } from 'rxjs'
import { column, openSession } from '../../src/ovsdb/index.js'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { figure, report } from './support/report.js'

/**
 * A replica of 100,000 rows from a real ovsdb-server, as many rows by `select`, then 10,000 rows changed per second by
 * another process, and how long the event loop was held meanwhile.
 */
const rows = 100_000
const perSecond = 10_000
const seconds = 5
const perTransaction = 10
const tables = {
  Queue: { dscp: column.optional('integer'), external_ids: column.map('string', 'string') },
} as const

const server = await OvsdbServer.start()
try {
  await write('fill', rows)
  await measureDump()
  await measureSelect()
  await measureUpdates()
} finally {
  await server.stop()
}

async function measureDump(): Promise<void> {
  const watch = watchLoop()
  const begin = performance.now()
  const session = open()
  await connected(session)
  const tookMs = performance.now() - begin
  const heldMs = watch()
  const { size } = session.replica.table('Queue')
  if (size !== rows) throw new Error(`the replica has ${size} rows`)
  await session.close()
  report('ovsdb-dump', `${rows.toLocaleString('en')} rows into the replica`, {
    all: figure(tookMs, 'ms'),
    rows: figure((rows / tookMs) * 1000, 'per second'),
    'longest hold': figure(heldMs, 'ms', '< 50 ms'),
  })
}

async function measureSelect(): Promise<void> {
  const session = openSession({
    endpoint: server.endpoint,
    database: 'Open_vSwitch',
    tables,
    conditions: { Queue: [false] },
  })
  await connected(session)
  const watch = watchLoop()
  const begin = performance.now()
  const { length } = await session.transact((tx) => tx.select('Queue', []))
  const tookMs = performance.now() - begin
  const heldMs = watch()
  if (length !== rows) throw new Error(`${length} rows were selected`)
  await session.close()
  report('ovsdb-select', `${rows.toLocaleString('en')} rows selected`, {
    all: figure(tookMs, 'ms'),
    'longest hold': figure(heldMs, 'ms', '< 50 ms'),
  })
}

async function measureUpdates(): Promise<void> {
  const session = open()
  await connected(session)
  let [updates, notifications, begin, end] = [0, 0, 0, 0]
  session.changes.subscribe((changes) => {
    end = performance.now()
    if (notifications === 0) begin = end
    updates += changes.length
    notifications++
  })
  const watch = watchLoop()
  const cpu = process.cpuUsage()
  const writer = write('update', perSecond, seconds, perTransaction)
  const all = firstValueFrom(session.changes.pipe(filter(() => updates >= perSecond * seconds)))
  await writer
  await all
  const tookMs = end - begin
  const { user, system } = process.cpuUsage(cpu)
  const heldMs = watch()
  await session.close()
  report('ovsdb-updates', `${perSecond.toLocaleString('en')} rows changed per second`, {
    updates: figure((updates / tookMs) * 1000, 'per second', `${perSecond.toLocaleString('en')}`),
    notifications: figure(notifications, ''),
    'processor microseconds each': figure((user + system) / updates, ''),
    'longest hold': figure(heldMs, 'ms', '< 50 ms'),
  })
}

function open() {
  return openSession({ endpoint: server.endpoint, database: 'Open_vSwitch', tables })
}

async function connected(session: ReturnType<typeof open>): Promise<void> {
  await firstValueFrom(session.states.pipe(filter(({ status }) => status === 'connected')))
}

/** The returned function ends the watch and gives the longest time, in milliseconds, that the loop was held. */
function watchLoop(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  return () => {
    delay.disable()
    return delay.max / 1e6
  }
}

async function write(task: string, ...numbers: number[]): Promise<void> {
  const script = fileURLToPath(new URL('./support/ovsdb-writer.js', import.meta.url))
  const child = spawn(process.execPath, [script, task, server.endpoint, ...numbers.map(String)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${task} ended with ${code}`)
}
