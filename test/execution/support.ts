import {
  type Arrival,
  type ConnectionsByHost,
  type End,
  type Execution,
  execute,
  type Fields,
  FlowTables,
  type Lead,
  type Topology,
} from '../../src/execution/index.js'
import { type Flow, parseFlow, parseGroup } from '../../src/openflow/flow.js'

/** One bridge `h1` with flows as text; every port is a station `port N`. */
export function bridge(flows: readonly string[], groups: readonly string[] = []): Topology {
  return {
    bridges: new Map([
      [
        'h1',
        {
          flows: new FlowTables(flows.map((flow) => parseFlow(flow))),
          groups: new Map(
            groups.map((text) => {
              const { group, groupType = 'all', buckets = [] } = parseGroup(text)
              return [group, { group, groupType, buckets }]
            }),
          ),
        },
      ],
    ]),
    leads: (_host, port): Lead => ({ to: 'station', name: `port ${port}` }),
  }
}

const plain = { ethSrc: '0a:00:00:00:00:01', ethDst: '0a:00:00:00:00:02', ipTtl: 64 } as const

export function tcp(source: string, destination: string, more: Partial<Fields> = {}): Fields {
  return { ...ip(source, destination), ipProto: 6, tcpSrc: 40000, tcpDst: 80, tcpFlags: 2, ...more }
}

export function udp(source: string, destination: string, more: Partial<Fields> = {}): Fields {
  return { ...ip(source, destination), ipProto: 17, udpSrc: 40000, udpDst: 53, ...more }
}

export function ip(source: string, destination: string): Fields {
  return source.includes(':')
    ? { ...plain, ethType: 0x86dd, ipv6Src: source, ipv6Dst: destination }
    : { ...plain, ethType: 0x0800, ipv4Src: source, ipv4Dst: destination }
}

/** Runs a packet from port 1 of `h1`. */
export function run(
  topology: Topology,
  fields: Fields,
  more: Partial<Arrival['packet']> & { readonly port?: number } = {},
  connections?: ConnectionsByHost,
): Execution {
  const { port = 1, ...packet } = more
  return execute(topology, { host: 'h1', port, packet: { fields, ...packet } }, connections)
}

/** Ends in short: `port 2`, `controller`, `dropped at 3`. */
export function ends({ ends }: Execution): readonly string[] {
  return ends.map((end) => text(end))
}

function text(end: End): string {
  switch (end.end) {
    case 'output':
      return end.lead.to === 'station' ? end.lead.name : end.lead.to
    case 'dropped':
      return `dropped at ${end.step.table}`
    default:
      return end.end
  }
}

/** The last end's header. */
export function last({ ends }: Execution): Fields {
  const end = ends.at(-1)
  if (!end) throw new Error('no end')
  return end.header.fields()
}

/** The cookies of the flows that a packet meets. */
export function met({ passes }: Execution): readonly (bigint | undefined)[] {
  return passes.flatMap(({ steps }) => steps.map(({ lookup }) => lookup?.flow.cookie))
}

export type { Flow }
