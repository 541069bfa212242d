import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../api/client.js'
import type { FlowView } from '../api/contract.js'
import type { Lab } from '../lab/index.js'
import type { DemoCluster } from './cluster.js'
import { type Cell, type Drop, mayPass, type Pair } from './matrix.js'

const count = 3
/** Bytes of ICMP data: larger than anything that a kernel sends by itself, so that nothing else counts as a ping. */
const payload = 200
/** The frame of such a ping: Ethernet, IPv4 and ICMP headers. */
const frame = 14 + 20 + 8 + payload
/** How long a switch may take to bring its counters up to date: Open vSwitch does so twice a second. */
const countersMs = 2000

type Pings = Pick<Cell, 'sent' | 'received'>

/**
 * Pings every pair. Those that may pass go all at once; the others one after the other, as the flow that drops a ping is
 * found by its counters.
 */
export async function probe(
  cluster: DemoCluster,
  pairs: readonly Pair[],
  signal: AbortSignal,
): Promise<readonly Cell[]> {
  const { lab, client } = cluster
  const attempts = new Map<Pair, Pings>()
  await Promise.all(pairs.filter(mayPass).map(async (pair) => attempts.set(pair, await ping(lab, pair))))
  const cells: Cell[] = []
  for (const pair of pairs) {
    signal.throwIfAborted()
    const attempt = attempts.get(pair)
    if (attempt && attempt.received === attempt.sent) {
      cells.push({ ...pair, ...attempt })
      continue
    }
    const before = await dropFlows(client)
    const pings = await ping(lab, pair)
    const drop = pings.received === pings.sent ? undefined : await grown(client, before)
    cells.push({ ...pair, ...(attempt ?? pings), ...(drop && { drop: cluster.readable(drop) }) })
  }
  return cells
}

async function ping(lab: Lab, { from, to }: Pair): Promise<Pings> {
  // An answer comes within a millisecond; where one may come, a busy machine is given longer: the last one an interval.
  const [interval, patience] = mayPass({ from, to }) ? ['0.2', '1'] : ['0.01', '0.1']
  const argv = ['ping', '-n', '-q', '-c', String(count), '-i', interval, '-W', patience]
  const { stdout } = await lab.exec(from.namespace ?? '', [...argv, '-s', String(payload), to.address])
  const [, sent = 0, received = 0] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? []
  return { sent: Number(sent), received: Number(received) }
}

/** The flow at which a ping has ended since `before`, told of or not; undefined where none has. */
async function grown(client: Client, before: ReadonlyMap<string, FlowView>): Promise<Drop | undefined> {
  for (const end = performance.now() + countersMs; performance.now() < end; await sleep(20)) {
    for (const [id, flow] of await dropFlows(client)) {
      const packets = Number(flow.packets) - Number(before.get(id)?.packets ?? 0)
      const bytes = Number(flow.bytes) - Number(before.get(id)?.bytes ?? 0)
      if (packets < count || bytes < count * frame) continue
      const { host, tableName = '', rule = '', source } = flow
      return { host, tableName, rule, ...source }
    }
  }
  return undefined
}

async function dropFlows(client: Client): Promise<ReadonlyMap<string, FlowView>> {
  const flows = new Map<string, FlowView>()
  for await (const flow of client.flows({}))
    if (/^(drop|controller\([^)]*\))$/.test(flow.actions))
      flows.set(`${flow.host} ${flow.textWithoutStats}`, flow)
  return flows
}
