/** Flows as lines of `ovs-ofctl dump-flows`. */
import { type Flow, type FlowCounters, flowFlags } from '../flow-entry.js'
import { formatActions } from './actions.js'
import { formatMatch } from './match.js'

/** Seconds with as many decimals as are needed, three at least if any. */
function formatDuration(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}s`
  if (nanoseconds % 1e6 === 0) return `${seconds}.${String(nanoseconds / 1e6).padStart(3, '0')}s`
  return `${seconds}.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}s`
}

function formatCounters({
  seconds = 0,
  nanoseconds = 0,
  packets = 0n,
  bytes = 0n,
}: Partial<FlowCounters>): [string, string] {
  const counter = (value: bigint): string => (value === 0xffffffffffffffffn ? '?' : String(value))
  return [
    `duration=${formatDuration(seconds, nanoseconds)}, `,
    `n_packets=${counter(packets)}, n_bytes=${counter(bytes)}, `,
  ]
}

/** What stands between counters and match. */
function formatProperties({ idleTimeout = 0, hardTimeout = 0, importance = 0, flags = {} }: Flow): string {
  let words = ''
  for (const [name, word] of flowFlags) if (flags[name]) words += `${word} `
  return (
    (idleTimeout ? `idle_timeout=${idleTimeout}, ` : '') +
    (hardTimeout ? `hard_timeout=${hardTimeout}, ` : '') +
    words +
    (importance ? `importance=${importance}, ` : '')
  )
}

function formatAges({ idleAge, hardAge, seconds = 0 }: Partial<FlowCounters>): string {
  return (
    (idleAge === undefined ? '' : `idle_age=${idleAge}, `) +
    (hardAge === undefined || hardAge === seconds ? '' : `hard_age=${hardAge}, `)
  )
}

/** One line of `ovs-ofctl --no-names dump-flows`, with `--no-stats` unless `stats` gives the counters. */
export function formatFlow(flow: Flow, options?: { readonly stats?: false }): string
export function formatFlow(flow: Flow & FlowCounters, options: { readonly stats: boolean }): string
export function formatFlow(
  flow: Flow & Partial<FlowCounters>,
  { stats = false }: { readonly stats?: boolean } = {},
): string {
  const { table, priority, cookie, match, actions } = flow
  const [duration, counts] = stats ? formatCounters(flow) : ['', '']
  const matched = formatMatch(match, { priority })
  return (
    ` ${stats || cookie !== 0n ? `cookie=0x${cookie.toString(16)}, ` : ''}${duration}` +
    `${stats || table !== 0 ? `table=${table}, ` : ''}${counts}${formatProperties(flow)}` +
    `${stats ? formatAges(flow) : ''}${matched === '' ? '' : `${matched} `}actions=${formatActions(actions)}`
  )
}
