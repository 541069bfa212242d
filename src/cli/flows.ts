import { setTimeout } from 'node:timers/promises'
import { Command, Option } from 'commander'
import type { Client } from '../api/client.js'
import type { FlowQuery, FlowView } from '../api/contract.js'
import { toJson } from '../api/json.js'
import { type Context, clientOf, type SocketOption, withExample, withSocket } from './context.js'
import { wrongUsage } from './failure.js'
import { explainedWriter, type FlowWriter, ovsWriter } from './flow-text.js'
import { RateMeter, type Rates } from './rates.js'

const rateIntervalMs = 1000
const conditions = ['host', 'tenant', 'workload', 'policy', 'table', 'bridge'] as const

type Format = 'explained' | 'ovs' | 'json'

interface FlowsOptions extends FlowQuery, SocketOption {
  readonly follow?: true
  readonly rates?: true
  readonly stats: boolean
  readonly format?: Format
  readonly json?: true
}

/** `sluice flows` */
export function flowsCommand(context: Context): Command {
  const command = new Command('flows')
    .description('show the flows that the switches have, and where each one comes from')
    .option('--host <host>', 'only this host')
    .option('--tenant <tenant>', 'only what stands in this tenant')
    .option('--workload <workload>', 'only what stands for this workload: NAME or TENANT/NAME')
    .option('--policy <policy>', 'only what stands for this policy: NAME or TENANT/NAME')
    .option('--table <table>', 'only this table: name or number')
    .option('--bridge <bridge>', 'only this bridge; of an operator’s all flows')
    .option('--follow', 'stay, and print every addition, change and removal as the switch reports it')
    .option('--rates', 'packets and bytes per second, over one second')
    .option('--no-stats', 'leave out counters and ages')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['explained', 'ovs', 'json']))
    .option('--json', 'print one JSON value; with --follow one per line')
    .action((options: FlowsOptions) => printFlows(context, options))
  return withExample(
    withSocket(command),
    'sluice flows --host vm1 --table policy',
    'sluice flows --format ovs --no-stats',
  )
}

async function printFlows(context: Context, options: FlowsOptions): Promise<void> {
  const format = formatOf(options)
  const client = clientOf(context, options)
  const query: FlowQuery = Object.fromEntries(
    conditions.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  )
  if (format === 'json') return printJson(context, client, query, options)
  const writer = await writerOf(context, client, format, options)
  // What ovs-ofctl prints is of one bridge: that of the cluster, if no other is asked for.
  const isShown = ({ bridge }: { readonly bridge?: string }) =>
    format !== 'ovs' || bridge === undefined || options.bridge !== undefined
  if (options.follow) {
    for await (const event of client.follow(query)) if (isShown(event.flow)) await writer.event(event)
    return
  }
  for await (const [flow, rates] of read(context, client, query, options))
    if (isShown(flow)) await writer.flow(flow, rates)
}

function formatOf(options: FlowsOptions): Format {
  const format = options.format ?? (options.json ? 'json' : 'explained')
  if (options.json && format !== 'json') throw wrongUsage('--json and --format say different things')
  if (options.rates && options.follow) throw wrongUsage('--rates cannot be used with --follow')
  if (options.rates && format === 'ovs') throw wrongUsage('--rates cannot be used with --format ovs')
  return format
}

async function writerOf(
  { output }: Context,
  client: Client,
  format: 'explained' | 'ovs',
  options: FlowsOptions,
): Promise<FlowWriter> {
  if (format === 'explained') return explainedWriter(output, options.stats)
  const severalHosts = options.host === undefined && (await client.status()).hosts.length > 1
  return ovsWriter(output, options.stats, severalHosts)
}

async function printJson(
  context: Context,
  client: Client,
  query: FlowQuery,
  options: FlowsOptions,
): Promise<void> {
  const { output } = context
  if (options.follow) {
    for await (const event of client.follow(query)) await output.line(toJson(event))
    return
  }
  const flows = async function* () {
    for await (const [flow, rates] of read(context, client, query, options))
      yield { ...(options.stats ? flow : withoutStats(flow)), ...rates }
  }
  await output.jsonArray(flows())
}

function withoutStats(flow: FlowView): Partial<FlowView> {
  const { packets: _packets, bytes: _bytes, durationSeconds: _duration, text: _text, ...rest } = flow
  return rest
}

/** Reads the flows, twice where rates are asked for, and says on the way which host is being read. */
async function* read(
  context: Context,
  client: Client,
  query: FlowQuery,
  options: FlowsOptions,
): AsyncGenerator<readonly [FlowView, Rates?]> {
  if (!options.rates) {
    for await (const flow of withProgress(context, client.flows(query))) yield [flow]
    return
  }
  const meter = new RateMeter()
  for await (const flow of withProgress(context, client.flows(query))) meter.note(flow, performance.now())
  await setTimeout(rateIntervalMs)
  for await (const flow of withProgress(context, client.flows(query)))
    yield [flow, meter.rates(flow, performance.now())]
}

async function* withProgress({ output }: Context, flows: AsyncIterable<FlowView>): AsyncGenerator<FlowView> {
  const shown = !output.answersOnTerminal
  let host: string | undefined
  let count = 0
  for await (const flow of flows) {
    if (shown && (flow.host !== host || count % 1000 === 0))
      output.progress(`reading ${flow.host}, ${count} flows so far`)
    host = flow.host
    count++
    yield flow
  }
  output.endProgress()
}
