import { inNetns, inParallel, ipBatch, output, type Run } from './command.js'
import type { BridgeRow, Database } from './database.js'
import { AttachError } from './error.js'
import { type Attached, gather, noteMacs } from './gather.js'
import { removeLink } from './links.js'
import { type Found, look, namespacesAtOnce } from './look.js'
import {
  type Attachment,
  checksumOffloadOff,
  insideLines,
  mtuLines,
  needsChecksums,
  pairLine,
  portOf,
  upLine,
  type VethPlug,
} from './plan.js'
import { correctPort, deletePorts, insertPort } from './ports.js'
import { Undo } from './undo.js'

/** A host as attach reaches it. */
export interface Host {
  readonly run: Run
  readonly database: Database
}

export interface AttachOptions {
  /** Time for the controller to make the bridge. Default 5,000. */
  readonly bridgeWithinMs?: number
  /** Time for the controller to say what a workload was given. Default 5,000. */
  readonly answerWithinMs?: number
  /** Time for ovs-vswitchd to take a port. Default 10,000. */
  readonly portWithinMs?: number
  /** Ends the work; what was made is taken back. */
  readonly signal?: AbortSignal
}

/**
 * Plugs workloads into bridges of a host. What is there already stays; a pair whose other end is elsewhere is made anew.
 * Returns when ovs-vswitchd has taken the ports. Where anything fails, everything that this call has made is taken back.
 * Throws AttachError.
 */
export async function attach(
  { run, database }: Host,
  attachments: readonly Attachment[],
  options: AttachOptions = {},
): Promise<readonly Attached[]> {
  const { bridgeWithinMs = 5_000, answerWithinMs = 5_000, portWithinMs = 10_000, signal } = options
  const bridges = await findBridges(database, attachments, bridgeWithinMs, signal)
  const found = await look(run, database, attachments)
  await clear({ run, database }, found, portWithinMs, signal)
  const undo = new Undo(run, database)
  try {
    await makePairs(run, found, undo)
    await bringUp(run, attachments)
    signal?.throwIfAborted()
    await makePorts(database, found, bridges, undo)
    const attached = await gather(database, attachments, answerWithinMs, signal)
    await ipBatch(
      run,
      attached.flatMap(({ port, facts }) => mtuLines(port, facts)),
    )
    await inParallel(attached, namespacesAtOnce, (each) => configure(run, database, bridges, found, each))
    await noteMacs(database, attached)
    await taken(database, attached, portWithinMs, signal)
    return attached
  } catch (error) {
    throw await undo.after(signal?.aborted ? new AttachError('stopped', 'stopped', { cause: error }) : error)
  }
}

type Bridges = ReadonlyMap<string, BridgeRow>

/** The bridges by name. Throws AttachError `no-bridge` where the controller does not make them in time. */
async function findBridges(
  database: Database,
  attachments: readonly Attachment[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Bridges> {
  const bridges = new Map<string, BridgeRow>()
  for (const name of new Set(attachments.map(({ bridge }) => bridge))) {
    const row = await database.until(() => database.bridge(name), timeoutMs, signal)
    if (!row)
      throw new AttachError('no-bridge', `there is no bridge ${name}: is the host in the controller's files?`)
    bridges.set(name, row)
  }
  return bridges
}

/**
 * Removes what is in the way. ovs-vswitchd must have forgotten it before a device of the same name is made: it would
 * take the one for the other.
 */
async function clear(
  { run, database }: Host,
  found: readonly Found[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ports = found.flatMap(({ stale }) => stale)
  if (ports.length > 0) await database.transact((tx) => deletePorts(tx, ports))
  for (const { attachment, stalePair } of found) if (stalePair) await removeLink(run, portOf(attachment))
  if (found.some(({ own }) => !own)) await database.realised(timeoutMs, signal)
}

const isVeth = (attachment: Attachment): attachment is Attachment<VethPlug> => attachment.plug.kind === 'veth'

/** Throws AttachError `name-taken` where a workload has a device of that name already. */
async function makePairs(run: Run, found: readonly Found[], undo: Undo): Promise<void> {
  const missing = found.flatMap(({ attachment, inner }) => (inner ? [] : [attachment])).filter(isVeth)
  for (const attachment of missing) undo.pair(portOf(attachment))
  try {
    await ipBatch(
      run,
      missing.map((attachment) => pairLine(attachment, attachment.facts ?? {})),
    )
  } catch (cause) {
    if (!(cause instanceof AttachError && cause.message.includes('File exists'))) throw cause
    const devices = [...new Set(missing.map(({ plug }) => plug.device))].join(', ')
    throw new AttachError('name-taken', `${devices}: the workload has a device of that name already`, {
      cause,
    })
  }
}

/**
 * Before ovs-vswitchd takes them: it sets promiscuous mode by writing back all flags that it has read, and who brings a
 * device up in between finds it down for good.
 */
function bringUp(run: Run, attachments: readonly Attachment[]): Promise<void> {
  const ports = attachments.map(portOf)
  return ipBatch(run, ports.map(upLine))
}

/** How many ports go into one transaction. */
const portsAtOnce = 50

async function makePorts(
  database: Database,
  found: readonly Found[],
  bridges: Bridges,
  undo: Undo,
): Promise<void> {
  for (let at = 0; at < found.length; at += portsAtOnce) {
    const some = found.slice(at, at + portsAtOnce)
    for (const { attachment, own } of some) if (!own) undo.port(attachment.interface)
    await database.transact((tx) => {
      for (const { attachment, own, answer } of some) {
        const bridge = bridges.get(attachment.bridge)
        if (own) correctPort(tx, attachment, own)
        else if (bridge) insertPort(tx, attachment, bridge._uuid, answer)
      }
    })
  }
}

/** Gives a workload's end its addresses and routes; the device of a virtual machine is its own. */
async function configure(
  run: Run,
  database: Database,
  bridges: Bridges,
  found: readonly Found[],
  { attachment, facts }: Attached,
): Promise<void> {
  const { plug, bridge } = attachment
  if (plug.kind !== 'veth') return
  const inside = inNetns(run, plug.netns)
  if (needsChecksums(bridges.get(bridge)?.datapath_type ?? '', database.version))
    await output(inside, checksumOffloadOff(plug.device))
  if (facts.addresses.some((address) => address.includes(':')))
    await output(inside, ['sysctl', '-qw', `net.ipv6.conf.${plug.device}.disable_ipv6=0`])
  const present = found.find((each) => each.attachment === attachment)?.inner?.addresses
  await ipBatch(inside, insideLines(plug.device, facts, present))
}

/** Waits until the ports have numbers. Throws AttachError `port-failed` with what ovs-vswitchd says, `timeout`. */
async function taken(
  database: Database,
  attached: readonly Attached[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiting = new Set(attached.map(({ port }) => port))
  const done = await database.until(
    () => {
      for (const { interface: row } of database.ports()) {
        if (!waiting.has(row.name)) continue
        if (row.error !== undefined)
          throw new AttachError('port-failed', `ovs-vswitchd cannot use ${row.name}: ${row.error}`)
        if (row.ofport !== undefined && row.ofport > 0) waiting.delete(row.name)
      }
      return waiting.size === 0 ? true : undefined
    },
    timeoutMs,
    signal,
  )
  if (!done)
    throw new AttachError(
      'timeout',
      `ovs-vswitchd has not taken ${[...waiting].join(', ')} within ${timeoutMs} ms`,
    )
}
