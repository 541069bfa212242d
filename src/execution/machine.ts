import { toInteger } from '../openflow/actions/bits.js'
import { fieldSpec } from '../openflow/fields.js'
import { type Action, type ActionOf, type Flow, Port } from '../openflow/flow.js'
import type { Bucket } from '../openflow/messages/bucket.js'
import type { GroupDesc } from '../openflow/messages/group.js'
import { inOrder } from './action-set.js'
import { Connections } from './connections.js'
import { ExecutionError } from './errors.js'
import type { Bridge, ConnectionsByHost, End, Ending, Execution, Lead, Pass, Topology } from './execution.js'
import type { Fields, Header } from './header.js'
import { onTheWire, type Packet } from './packet.js'
import { type OpenStep, onCopy, type Run } from './run.js'
import { lowerTtl, setFields } from './set-fields.js'
import { track, untrack } from './tracking.js'

/** Tables that one packet may go through, as in Open vSwitch. */
const mostSteps = 4096

/** Executes one packet; see {@link execute}. */
export class Machine<F extends Flow> {
  readonly #passes: Pass<F>[] = []
  readonly #ends: End<F>[] = []
  readonly #connections: Map<string, Connections>
  #steps = 0

  constructor(
    readonly topology: Topology<F>,
    connections: ConnectionsByHost,
  ) {
    this.#connections = new Map(connections)
  }

  execution(): Execution<F> {
    return { passes: this.#passes, ends: this.#ends, connections: this.#connections }
  }

  /** A packet at a port of a host's bridge, which its header names. */
  arrive(host: string, header: Header, packet: Packet): void {
    this.#pass(host, 'port', header, packet, 0)
  }

  #pass(
    host: string,
    from: Pass['from'],
    header: Header,
    packet: Packet,
    table: number,
    kept: Partial<Run<F>> = {},
  ): void {
    const pass = { host, from, before: header.copy(), after: header, steps: [] }
    this.#passes.push(pass)
    const run: Run<F> = {
      ...{
        host,
        pass,
        packet,
        header,
        stack: [],
        actionSet: [],
        exited: false,
        ended: false,
        expired: false,
      },
      ...kept,
    }
    this.#table(run, table, 0)
    const last = pass.steps.at(-1)
    if (!last) return
    const set = inOrder(run.actionSet)
    run.actionSet = []
    run.exited = false
    this.#actions(run, last, set)
    if (!run.ended) this.#end(run, last, { end: 'dropped', expired: run.expired })
  }

  /** @param inPort the port to look up with in the place of the packet's own */
  #table(run: Run<F>, table: number, depth: number, inPort?: number): void {
    if (++this.#steps > mostSteps)
      throw new ExecutionError(
        'too-many-steps',
        `more than ${mostSteps} tables, the last ${table} of ${run.host}`,
      )
    const { header } = run
    const own = header.get('inPort')
    if (inPort !== undefined) header.set('inPort', BigInt(inPort))
    const lookup = this.#bridge(run.host).flows.lookup(table, header)
    header.set('inPort', own)
    const step: OpenStep<F> = { table, lookup, depth, writes: [] }
    run.pass.steps.push(step)
    if (lookup) this.#actions(run, step, lookup.flow.actions)
  }

  #bridge(host: string): Bridge<F> {
    const bridge = this.topology.bridges.get(host)
    if (!bridge) throw new ExecutionError('no-bridge', `${host} has no bridge`)
    return bridge
  }

  #actions(run: Run<F>, step: OpenStep<F>, actions: readonly Action[]): void {
    for (const action of actions) {
      if (run.exited) return
      if (setFields(run, step, action)) continue
      if (action.type === 'decTtl' && !lowerTtl(run, step)) {
        run.expired = true
        return
      }
      this.#action(run, step, action)
    }
  }

  #action(run: Run<F>, step: OpenStep<F>, action: Action): void {
    switch (action.type) {
      case 'output':
        if (action.port === Port.controller) this.#controller(run, step, action)
        else this.#output(run, step, action.port)
        break
      case 'outputTrunc':
        this.#output(run, step, action.port)
        break
      case 'outputReg':
        this.#output(run, step, Number(run.header.read(action.src)))
        break
      case 'controller':
        this.#controller(run, step, action)
        break
      case 'gotoTable':
        this.#table(run, action.table, step.depth + 1)
        break
      case 'resubmit':
        if (action.ct) throw unsupported(action)
        this.#table(run, action.table ?? step.table, step.depth + 1, portOf(action.port))
        break
      case 'ct':
        this.#track(run, step, action)
        break
      case 'ctClear':
        untrack(run.header)
        break
      case 'clone':
        onCopy(run, () => this.#actions(run, step, action.actions))
        break
      case 'group':
        this.#group(run, step, action.group)
        break
      case 'writeActions':
        run.actionSet.push(...action.actions)
        break
      case 'clearActions':
        run.actionSet = []
        break
      case 'exit':
        run.exited = true
        break
      // They change neither the packet nor its way. A meter lets everything pass: what it drops is a matter of time.
      case 'decTtl':
      case 'meter':
      case 'note':
      case 'setQueue':
      case 'popQueue':
      case 'conjunction':
      case 'sample':
      case 'finTimeout':
        break
      default:
        throw unsupported(action)
    }
  }

  #end(run: Run<F>, step: OpenStep<F>, end: Ending): void {
    run.ended = true
    this.#ends.push({ pass: run.pass, step, header: run.header.copy(), ...end })
  }

  #controller(run: Run<F>, step: OpenStep<F>, action: ActionOf<'controller'> | ActionOf<'output'>): void {
    if (action.type === 'controller' && action.pause) throw unsupported(action)
    this.#end(run, step, { end: 'controller', action })
  }

  #output(run: Run<F>, step: OpenStep<F>, port: number): void {
    const { header, host } = run
    const own = header.number('inPort')
    if (port === own) {
      this.#end(run, step, { end: 'same-port', port })
      return
    }
    if (port !== Port.inPort && port !== Port.local && port > Port.max)
      throw new ExecutionError('unsupported-action', `output to ${port} depends on the switch`)
    const to = port === Port.inPort ? own : port
    const lead = this.topology.leads(host, to, header)
    if (lead.to !== 'bridge') {
      this.#end(run, step, { end: 'output', port: to, lead })
      return
    }
    run.ended = true
    this.arrive(lead.host, arriving(header, lead), run.packet)
  }

  #track(run: Run<F>, step: OpenStep<F>, action: ActionOf<'ct'>): void {
    const { header, host, packet } = run
    const { zone = 0, table, exec = [], nat } = action
    // A connection that is only made known is for later packets; of this one nothing is to follow.
    const isLost = nat !== undefined && table === undefined && !action.commit
    if (action.alg !== undefined || isLost) throw unsupported(action)
    const number = typeof zone === 'number' ? zone : Number(header.read(zone))
    const tracked = header.copy()
    const before = this.#connections.get(host) ?? Connections.none
    const after = track(before, tracked, packet, { ...action, zone: number }, (marked) => {
      for (const each of exec) if (!setFields({ ...run, header: marked }, step, each)) throw unsupported(each)
    })
    this.#connections.set(host, after.connections)
    untrack(header)
    if (table === undefined) return
    run.ended = true
    const { stack, actionSet } = run
    this.#pass(host, 'conntrack', tracked, after.packet, table, {
      stack: [...stack],
      actionSet: [...actionSet],
    })
  }

  #group(run: Run<F>, step: OpenStep<F>, id: number): void {
    const group = this.#bridge(run.host).groups?.get(id)
    for (const { actions } of group ? this.#buckets(run.host, group) : [])
      onCopy(run, () => this.#actions(run, step, inOrder(actions)))
  }

  /** The buckets that a packet goes through. One of type select chooses by a hash: here always the first that it may. */
  #buckets(host: string, { groupType, buckets }: GroupDesc): readonly Bucket[] {
    const alive = buckets.filter((bucket) => this.#alive(host, bucket))
    switch (groupType) {
      case 'all':
        return buckets
      case 'indirect':
        return buckets.slice(0, 1)
      case 'select':
        return alive.filter(({ weight }) => weight !== 0).slice(0, 1)
      default:
        return alive.slice(0, 1)
    }
  }

  #alive(host: string, { watchPort = Port.any, watchGroup = Port.any }: Bucket): boolean {
    const { alive } = this.topology
    if (watchPort !== Port.any && alive && !alive(host, watchPort)) return false
    if (watchGroup === Port.any) return true
    return (
      this.#bridge(host)
        .groups?.get(watchGroup)
        ?.buckets.some((each) => this.#alive(host, each)) ?? false
    )
  }
}

function arriving(header: Header, { port, tunnel }: Extract<Lead, { to: 'bridge' }>): Header {
  const arrived = onTheWire(header)
  arrived.set('inPort', BigInt(port))
  if (!tunnel) return arrived
  const { source, destination } = tunnel
  const six = destination.includes(':')
  const ends: Fields = six
    ? { tunIpv6Src: source, tunIpv6Dst: destination }
    : { tunIpv4Src: source, tunIpv4Dst: destination }
  for (const field of six ? (['tunIpv6Src', 'tunIpv6Dst'] as const) : (['tunIpv4Src', 'tunIpv4Dst'] as const))
    arrived.set(field, toInteger(fieldSpec(field), ends[field] ?? ''))
  arrived.set('tunnelId', header.get('tunnelId'))
  return arrived
}

/** The port of a resubmit; its default is that nothing changes. */
function portOf(port: number | undefined): number | undefined {
  return port === Port.inPort ? undefined : port
}

function unsupported({ type }: Action): ExecutionError {
  return new ExecutionError('unsupported-action', `${type} is not executed`)
}
