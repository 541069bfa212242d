import type { Output } from '../cli/output.js'
import { placeOf } from '../cli/place.js'
import { statusLines } from '../cli/status-text.js'
import { formatTable } from '../cli/table.js'
import type { DemoCluster } from './cluster.js'
import { isAsPromised, matrixLines, pairsOf } from './matrix.js'
import { probe } from './probe.js'

/** The scenario's files that say nothing of a tenant, and those that do. */
const common = ['cluster.yaml', 'hosts.yaml', 'gateway.yaml'] as const
const tenants = ['usr1.yaml', 'usr2.yaml'] as const

/** Whose flows are shown. */
const example = { host: 'vm1', workload: 'usr1/usr1-1' } as const

/**
 * Brings a cluster up, drops two tenants into its directory, and shows who can reach whom.
 * @param signal ends the demonstration at the next step
 * @returns whether everything is as the scenario promises
 */
export async function demo(cluster: DemoCluster, output: Output, signal: AbortSignal): Promise<boolean> {
  const say = async (title: string) => {
    signal.throwIfAborted()
    await output.line(`\n${output.paint('bold', title)}`)
  }

  await say(
    'A cluster of two hosts with Open vSwitch and nothing else, in network namespaces of this machine',
  )
  await cluster.build()
  for (const file of common) cluster.drop(file)
  signal.throwIfAborted()
  await cluster.start()
  await output.line(`controller at ${cluster.options.socket}, policy directory ${cluster.directory}`)
  for (const line of statusLines(await cluster.inStep(false), output)) await output.line(line)

  await say(`Two tenants: ${tenants.join(' and ')} are dropped into the directory`)
  const dropped = performance.now()
  for (const file of tenants) cluster.drop(file)
  await cluster.inStep(false)
  await output.line(`in force on every host within ${Math.round(performance.now() - dropped)} ms`)
  signal.throwIfAborted()
  await cluster.plug()
  for (const line of statusLines(await cluster.inStep(true), output)) await output.line(line)

  await say('Who reaches whom, by pings; and by which line of which file not')
  const cells = await probe(cluster, pairsOf(await cluster.stations()), signal)
  for (const line of matrixLines(cells)) await output.line(line)
  const right = cells.filter(isAsPromised).length
  await output.line(`${right} of ${cells.length} as promised`)

  await say(`What ${example.host} has for workload ${example.workload}, and where it comes from`)
  for (const line of await explainedLines(cluster)) await output.line(line)
  return cells.length > 0 && right === cells.length
}

async function explainedLines(cluster: DemoCluster): Promise<readonly string[]> {
  const rows: string[][] = []
  for await (const { source, tableName = '', rule = '', priority, match, actions } of cluster.client.flows(
    example,
  ))
    rows.push([
      placeOf(source && cluster.readable(source)),
      tableName,
      rule,
      `priority=${priority},${match} actions=${actions}`,
    ])
  return formatTable(rows)
}

/** What to try while the cluster stands: lines for another shell in this checkout. */
export function suggestions({ directory, options }: DemoCluster, isDefault: boolean): readonly string[] {
  const socket = isDefault ? '' : ` --socket ${options.socket}`
  const root = isDefault ? '' : ` --root ${options.root}`
  return [
    `bin/sluice status${socket}`,
    `bin/sluice flows --workload usr1-1${socket}`,
    `bin/sluice flows --follow${socket}   # shows what the next lines change`,
    `rm ${directory}/usr2.yaml   # the tenant is gone`,
    `cp policies/tenants-gre/usr2.yaml ${directory}/   # and back`,
    `sed -i s/gre/geneve/ ${directory}/cluster.yaml   # another encapsulation`,
    `bin/sluice lab exec${root} usr1-1 -- ping -c 3 192.168.1.3`,
    `bin/sluice lab exec${root} vm1 -- ovs-ofctl -O OpenFlow15 dump-flows br-int`,
  ]
}
