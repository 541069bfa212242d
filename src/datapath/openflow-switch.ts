import { isIPv6 } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Observable, share } from 'rxjs'
import {
  type Action,
  type Draft,
  decodeFlags,
  decodeMessage,
  encodeInstructions,
  encodeMatch,
  type FieldName,
  type Flow,
  type FlowCounters,
  type FlowUpdate,
  MonitorFlag,
  multipartBody,
  type OpenFlowConnection,
  Port,
  scanFlowDescs,
  Writer,
} from '../openflow/index.js'
import { flowContent, flowKey, groupOrMeterKey, groupOrMeterOf } from '../pipeline/flow.js'
import { groupContent, messageOf, meterContent } from '../pipeline/group-meter.js'
import { nativeVersion } from '../pipeline/native-version.js'
import { encodedMods, translate } from './encoded-mods.js'
import type { FlowMod, ForeignChange, GroupMeterMod, InstalledFlow, Switch } from './switch.js'
import { unlessSilent } from './unless-silent.js'

const monitorId = 1
/** For so long a switch that is asked for counters may say nothing. */
const countersMs = 2000

/** Counters of a meter, or of one of its bands. */
export interface MeterCount {
  readonly packets: bigint
  readonly bytes: bigint
}

/** A real switch, over OpenFlow 1.3 to 1.5. Flows are kept in the native encoding; an older session translates. */
export class OpenFlowSwitch implements Switch {
  readonly foreignChanges: Observable<ForeignChange>

  constructor(readonly connection: OpenFlowConnection) {
    this.foreignChanges = new Observable<ForeignChange>((subscriber) => {
      const events = connection.events.subscribe((message) => {
        if (message.type !== 'flowMonitorReply') return
        for (const update of message.updates) {
          const change = foreignChange(update)
          if (change) subscriber.next(change)
        }
      })
      const flags = MonitorFlag.add | MonitorFlag.removed | MonitorFlag.modify | MonitorFlag.instructions
      connection.send({ type: 'flowMonitorRequest', monitors: [{ monitor: monitorId, flags }] })
      return () => events.unsubscribe()
    }).pipe(share())
  }

  /** Makes the switch send whole packets, and tell why. */
  async prepare(): Promise<void> {
    await this.connection.apply([
      { type: 'setPacketInFormat', format: 'nxt2' },
      // A session at the bridge's management socket gets no packets before it has asked for some.
      { type: 'setConfig', flags: 0, missSendLength: 0xffff },
    ])
  }

  async readGroupsAndMeters(each: (entry: InstalledFlow) => void): Promise<void> {
    for (const { groups } of await this.connection.multipart({ type: 'groupDescRequest' }))
      for (const { group, ...body } of groups)
        each({ key: groupOrMeterKey({ kind: 'group', number: group }), content: groupContent(group, body) })
    for (const { meters } of await this.connection.multipart({ type: 'meterConfigRequest' }))
      for (const { meter, ...body } of meters)
        each({ key: groupOrMeterKey({ kind: 'meter', number: meter }), content: meterContent(meter, body) })
  }

  async applyGroupsAndMeters(mods: readonly GroupMeterMod[]): Promise<void> {
    await this.connection.apply(mods.map(groupOrMeterMod))
  }

  async readFlows(each: (flow: InstalledFlow) => void): Promise<void> {
    const { version } = this.connection
    await this.connection.multipartBytes({ type: 'flowDescRequest' }, (bytes) => {
      for (const flow of scanFlowDescs(multipartBody(bytes), version)) {
        const [match, instructions] = translate(
          flow.matchBytes,
          flow.instructionBytes,
          version,
          nativeVersion,
        )
        each({
          key: flowKey(flow.table, flow.priority, match),
          content: flowContent(flow.cookie, instructions),
        })
      }
    })
  }

  /** Flows with their counters, as the switch has them now. */
  async *readCounters(): AsyncGenerator<Flow & FlowCounters> {
    const { version } = this.connection
    const parts: Buffer[] = []
    await this.connection.multipartBytes({ type: 'flowDescRequest' }, (part) => parts.push(part))
    for (const part of parts) {
      // Decoding takes long enough that others must have their turn in between.
      await setImmediate()
      const message = decodeMessage(part, version)
      if (message.type !== 'flowDescReply') continue
      for (const { stats, flags, ...flow } of message.flows) {
        const { durationSec = 0, durationNsec = 0, packets = 0n, bytes = 0n } = stats
        yield {
          ...flow,
          flags: decodeFlags(flags),
          seconds: durationSec,
          nanoseconds: durationNsec,
          packets,
          bytes,
        }
      }
    }
  }

  /**
   * The counters of every flow of a table, by the flow's key. Throws SwitchSilent: who asks for the counters of many
   * switches does not wait for one that has just died, until its connection ends.
   */
  async readCounts(
    table: number,
    each: (key: string, packets: bigint, bytes: bigint) => void,
  ): Promise<void> {
    const { version } = this.connection
    await unlessSilent(countersMs, (heard) =>
      this.connection.multipartBytes({ type: 'flowDescRequest', table }, (part) => {
        heard()
        for (const flow of scanFlowDescs(multipartBody(part), version)) {
          const [match] = translate(flow.matchBytes, Buffer.alloc(0), version, nativeVersion)
          each(flowKey(flow.table, flow.priority, match), flow.packets, flow.bytes)
        }
      }),
    )
  }

  /**
   * What every meter has seen, and what of it it has dropped, by the meter's key. Throws SwitchSilent, as
   * {@link readCounts}.
   */
  async readMeterCounts(each: (key: string, all: MeterCount, dropped: MeterCount) => void): Promise<void> {
    const replies = await unlessSilent(countersMs, () =>
      this.connection.multipart({ type: 'meterStatsRequest' }),
    )
    for (const { meters } of replies)
      for (const { meter, packets, bytes, bands } of meters)
        each(
          groupOrMeterKey({ kind: 'meter', number: meter }),
          { packets, bytes },
          bands[0] ?? { packets: 0n, bytes: 0n },
        )
  }

  async apply(mods: readonly FlowMod[]): Promise<void> {
    const { version } = this.connection
    await this.connection.bundle(encodedMods(mods, version))
  }

  /** Sends a frame out of a port. */
  sendFrame(port: number, frame: Buffer): void {
    this.#send([{ type: 'output', port }], frame)
  }

  /** Sends a frame through the tunnel to a host, with no network's key. */
  sendThroughTunnel(port: number, tunnelIp: string, frame: Buffer): void {
    const field = isIPv6(tunnelIp) ? 'tunIpv6Dst' : 'tunIpv4Dst'
    this.#send(
      [
        { type: 'setField', field, value: tunnelIp },
        { type: 'output', port },
      ],
      frame,
    )
  }

  /**
   * Sends a frame through the bridge's own flows, from a table on, with these fields set: as if by the bridge's own port,
   * since Open vSwitch loses packets of the controller behind conntrack once a flow has taken their port away.
   * @param inPort another port that the frame is to have come by
   */
  sendToTable(
    table: number,
    fields: readonly (readonly [FieldName, number | bigint])[],
    frame: Buffer,
    inPort: number = Port.local,
  ): void {
    const sets = fields.map(([field, value]) => ({ type: 'setField', field, value }) as const)
    this.#send([...sets, { type: 'resubmit', table }], frame, inPort)
  }

  #send(actions: readonly Action[], data: Buffer, inPort: number = Port.controller): void {
    this.connection.send({ type: 'packetOut', inPort, actions, data })
  }
}

function groupOrMeterMod({ key, content, exists }: GroupMeterMod): Draft {
  if (content !== undefined) return { ...messageOf(content), command: exists ? 'modify' : 'add' }
  const entry = groupOrMeterOf(key)
  if (!entry) throw new TypeError('a flow is neither group nor meter')
  return entry.kind === 'group'
    ? { type: 'groupMod', command: 'delete', group: entry.number }
    : { type: 'meterMod', command: 'delete', meter: entry.number, bands: [] }
}

/** What a flow monitor tells about others; our own changes come abbreviated, and are known from the bundle's reply. */
function foreignChange(update: FlowUpdate): ForeignChange | undefined {
  if (update.event !== 'added' && update.event !== 'modified' && update.event !== 'removed') return undefined
  const writer = new Writer()
  encodeMatch(writer, update.match, nativeVersion)
  const key = flowKey(update.table, update.priority, writer.view())
  if (update.event === 'removed') return { key }
  writer.truncate(0)
  encodeInstructions(writer, update.actions, nativeVersion)
  return { key, content: flowContent(update.cookie, writer.view()) }
}
