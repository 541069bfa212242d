import type { RowInput, Transaction } from '../ovsdb/index.js'
import type { HostPlan, PairPlan } from './plan.js'
import { type HostReplica, type HostTables, ownerKey, type tables } from './schema.js'

type Row<T extends keyof HostTables> = NonNullable<ReturnType<ReturnType<typeof tableOf<T>>['get']>>
type Tx = Transaction<HostTables>
type Step = (tx: Tx) => void

/** A port that should be, on a bridge that may not be ours. */
interface PortPlan {
  readonly bridge: string
  readonly name: string
  readonly purpose: string
  readonly type: string
  readonly options: Readonly<Record<string, string>>
  readonly vlan?: number
  /** The VLANs that pass; all, where nothing is said. */
  readonly trunks?: readonly number[]
  /** A bridge without which there is no such port. */
  readonly needs?: string
  readonly bfd?: Readonly<Record<string, string>>
}

/** The steps from what a host's database says to what it should say; none when it is right. */
export function reconcile(replica: HostReplica, plan: HostPlan): readonly Step[] {
  const bridge = bridgeNamed(replica, plan.bridge)
  const ports = portPlans(plan).filter(
    (port) =>
      (port.bridge === plan.bridge || bridgeNamed(replica, port.bridge)) &&
      (port.needs === undefined || bridgeNamed(replica, port.needs)),
  )
  if (!bridge) return [(tx) => createBridge(tx, replica, plan, ports), ...outerSteps(replica, plan, ports)]
  return [
    ...bridgeSteps(replica, plan, bridge),
    ...outerSteps(replica, plan, ports),
    ...innerSteps(replica, plan, ports),
  ]
}

/** The bridges that the plan needs and that the operator has not prepared. */
export function missingBridges(replica: HostReplica, plan: HostPlan): readonly string[] {
  const names = new Set(plan.uplinks.map(({ bridge }) => bridge))
  return [...names].filter((name) => !bridgeNamed(replica, name))
}

export function bridgeNamed(replica: HostReplica, name: string): Row<'Bridge'> | undefined {
  for (const bridge of replica.table('Bridge').rows()) if (bridge.name === name) return bridge
  return undefined
}

function tableOf<T extends keyof HostTables>(replica: HostReplica, name: T) {
  return replica.table(name)
}

const protocols = ['OpenFlow13', 'OpenFlow14', 'OpenFlow15']

function bridgeConfig(plan: HostPlan): Record<string, string> {
  return { 'datapath-id': plan.datapathId, 'disable-in-band': 'true' }
}

/** Everything at once: fail_mode must be secure from the first moment, or the bridge would forward on its own. */
function createBridge(tx: Tx, replica: HostReplica, plan: HostPlan, ports: readonly PortPlan[]): void {
  const local = tx.insert('Port', {
    name: plan.bridge,
    interfaces: [tx.insert('Interface', { name: plan.bridge, type: 'internal' })],
  })
  const inner = ports.filter((port) => port.bridge === plan.bridge).map((port) => insertPort(tx, port))
  const bridge = tx.insert('Bridge', {
    name: plan.bridge,
    fail_mode: 'secure',
    protocols,
    datapath_type: datapathType(replica, plan),
    other_config: bridgeConfig(plan),
    external_ids: { [ownerKey]: 'bridge' },
    ports: [local, ...inner],
    controller: plan.controller === undefined ? [] : [insertController(tx, plan.controller)],
  })
  tx.mutate('Open_vSwitch', [], [['bridges', 'insert', bridge]])
}

/** What the other bridges use: a host without the kernel module has the user-space datapath everywhere. */
function datapathType(replica: HostReplica, plan: HostPlan): string {
  if (plan.datapath) return plan.datapath
  const others = [...replica.table('Bridge').rows()].filter(({ name }) => name !== plan.bridge)
  return others.some(({ datapath_type }) => datapath_type === 'netdev') ? 'netdev' : 'system'
}

function* bridgeSteps(replica: HostReplica, plan: HostPlan, bridge: Row<'Bridge'>): Generator<Step> {
  const config = new Map([...bridge.other_config, ...Object.entries(bridgeConfig(plan))])
  const wanted: RowInput<(typeof tables)['Bridge']> = {
    ...(bridge.fail_mode === 'secure' ? {} : { fail_mode: 'secure' }),
    ...(protocols.every((name) => bridge.protocols.has(name)) ? {} : { protocols }),
    ...(sameMap(config, bridge.other_config) ? {} : { other_config: config }),
    ...(plan.datapath === undefined || plan.datapath === bridge.datapath_type
      ? {}
      : { datapath_type: plan.datapath }),
  }
  if (Object.keys(wanted).length > 0) yield (tx) => tx.update('Bridge', bridge._uuid, wanted)
  const targets = [...bridge.controller].map((uuid) => replica.table('Controller').get(uuid)?.target)
  const { controller } = plan
  if (targets.length === (controller === undefined ? 0 : 1) && targets[0] === controller) return
  yield (tx) =>
    tx.update('Bridge', bridge._uuid, {
      controller: controller === undefined ? [] : [insertController(tx, controller)],
    })
}

/** The ends of uplinks on bridges that are the operator's: nothing of theirs is touched but our own port. */
function* outerSteps(replica: HostReplica, plan: HostPlan, ports: readonly PortPlan[]): Generator<Step> {
  for (const bridge of replica.table('Bridge').rows()) {
    if (bridge.name === plan.bridge) continue
    yield* portSteps(replica, bridge, ports)
    yield* serviceSteps(replica, bridge, plan)
  }
}

/**
 * A controller of type `service` is one more that may change flows: other than by a primary one, neither the bridge's
 * flows nor its fail mode change with it (ovs-vswitchd.conf.db(5), Controller).
 */
function* serviceSteps(replica: HostReplica, bridge: Row<'Bridge'>, plan: HostPlan): Generator<Step> {
  const present = serviceOf(replica, bridge)
  const target = plan.outerBridges.find((each) => each.bridge === bridge.name)?.controller
  if (present?.target === target) return
  if (present) yield (tx) => tx.mutate('Bridge', bridge._uuid, [['controller', 'delete', present._uuid]])
  if (target !== undefined)
    yield (tx) =>
      tx.mutate('Bridge', bridge._uuid, [['controller', 'insert', insertController(tx, target, 'service')]])
}

/** The controller of ours among those of a bridge of the operator. */
export function serviceOf(replica: HostReplica, bridge: Row<'Bridge'>): Row<'Controller'> | undefined {
  return [...bridge.controller]
    .map((uuid) => replica.table('Controller').get(uuid))
    .find((row) => row?.external_ids.has(ownerKey))
}

function* innerSteps(replica: HostReplica, plan: HostPlan, ports: readonly PortPlan[]): Generator<Step> {
  const bridge = bridgeNamed(replica, plan.bridge)
  if (bridge) yield* portSteps(replica, bridge, ports)
}

function* portSteps(replica: HostReplica, bridge: Row<'Bridge'>, all: readonly PortPlan[]): Generator<Step> {
  const wanted = new Map(all.filter((port) => port.bridge === bridge.name).map((port) => [port.name, port]))
  for (const uuid of bridge.ports) {
    const port = replica.table('Port').get(uuid)
    if (!port?.external_ids.has(ownerKey)) continue
    const plan = wanted.get(port.name)
    wanted.delete(port.name)
    if (plan) yield* correctPort(replica, port, plan)
    else yield (tx) => tx.mutate('Bridge', bridge._uuid, [['ports', 'delete', uuid]])
  }
  for (const plan of wanted.values())
    yield (tx) => tx.mutate('Bridge', bridge._uuid, [['ports', 'insert', insertPort(tx, plan)]])
}

function* correctPort(replica: HostReplica, port: Row<'Port'>, plan: PortPlan): Generator<Step> {
  if (port.tag !== plan.vlan) yield (tx) => tx.update('Port', port._uuid, { tag: plan.vlan })
  const { trunks = [] } = plan
  if (trunks.length !== port.trunks.size || !trunks.every((tag) => port.trunks.has(tag)))
    yield (tx) => tx.update('Port', port._uuid, trunkColumns(trunks))
  for (const uuid of port.interfaces) {
    const row = replica.table('Interface').get(uuid)
    if (!row) continue
    const { type, options, bfd = {} } = plan
    const isRight =
      row.type === type &&
      sameMap(row.options, new Map(Object.entries(options))) &&
      sameMap(row.bfd, new Map(Object.entries(bfd)))
    if (!isRight) yield (tx) => tx.update('Interface', uuid, { type, options, bfd })
  }
}

function portPlans(plan: HostPlan): readonly PortPlan[] {
  const tunnel = { bridge: plan.bridge, purpose: 'tunnel', ...plan.tunnel }
  const uplinks = plan.uplinks.flatMap(({ gateway, bridge, inner, outer, vlan }) => {
    const patch = { type: 'patch', purpose: `gateway/${gateway}` }
    return [
      { ...patch, bridge: plan.bridge, name: inner, options: { peer: outer } },
      { ...patch, bridge, name: outer, options: { peer: inner }, ...(vlan === undefined ? {} : { vlan }) },
    ]
  })
  const pairs = [...plan.sessions, ...plan.holders, ...plan.lately, ...plan.steady]
  const wires = plan.wires.flatMap(({ bridge, inner, outer, tags: trunks }) => {
    const patch = { type: 'patch', purpose: `vlan/${bridge}`, needs: bridge }
    return [
      { ...patch, bridge: plan.bridge, name: inner, options: { peer: outer } },
      { ...patch, bridge, name: outer, options: { peer: inner }, trunks },
    ]
  })
  return [tunnel, ...uplinks, ...wires, ...pairs.flatMap((pair) => pairPorts(plan.bridge, pair))]
}

/** Two patch ports that lead to each other, BFD on the first (ovs-vswitchd.conf.db(5), Interface, bfd). */
function pairPorts(
  bridge: string,
  { purpose, watched, loop, intervalMs, multiplier }: PairPlan,
): readonly PortPlan[] {
  const patch = { bridge, type: 'patch', purpose }
  const interval = String(intervalMs)
  const mult = multiplier === undefined ? {} : { mult: String(multiplier) }
  const bfd = { enable: 'true', min_tx: interval, min_rx: interval, ...mult }
  return [
    { ...patch, name: watched, options: { peer: loop }, bfd },
    { ...patch, name: loop, options: { peer: watched } },
  ]
}

/** In the mode `trunk` nothing passes that has no tag (ovs-vswitchd.conf.db(5), Port, vlan_mode). */
function trunkColumns(trunks: readonly number[]) {
  return { trunks, vlan_mode: trunks.length > 0 ? 'trunk' : undefined }
}

function insertPort(tx: Tx, { name, type, options, purpose, vlan, trunks, bfd = {} }: PortPlan) {
  const external_ids = { [ownerKey]: purpose }
  return tx.insert('Port', {
    name,
    external_ids,
    interfaces: [tx.insert('Interface', { name, type, options, bfd, external_ids })],
    ...(vlan === undefined ? {} : { tag: vlan }),
    ...(trunks && trunkColumns(trunks)),
  })
}

/** One second at most between attempts, so that a controller that is back finds its switches at once. */
function insertController(tx: Tx, target: string, type?: 'service') {
  const settings = { target, connection_mode: 'out-of-band', max_backoff: 1000 }
  if (type === undefined) return tx.insert('Controller', settings)
  return tx.insert('Controller', { ...settings, type, external_ids: { [ownerKey]: 'gateway' } })
}

function sameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}
