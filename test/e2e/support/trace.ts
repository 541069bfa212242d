import { ctState, type Execution, type Fields, type Pass } from '../../../src/execution/index.js'
import { type Flow, formatMatch, type Match, parseMatch } from '../../../src/openflow/flow.js'

/** One pass of `ofproto/trace`, or of our own execution, in words that can be compared. */
export interface TracedPass {
  /** Table and cookie of each flow; `-` where none matches. */
  readonly steps: readonly string[]
  /** Ports that something was output to, `IN_PORT` among them. */
  readonly outputs: readonly string[]
  /** Some of the fields at the end. */
  readonly fields: Readonly<Record<string, string>>
}

const flags = {
  ct_state: { new: 0x01, est: 0x02, rel: 0x04, rpl: 0x08, inv: 0x10, trk: 0x20, snat: 0x40, dnat: 0x80 },
  tcp_flags: { fin: 1, syn: 2, rst: 4, psh: 8, ack: 0x10, urg: 0x20, ece: 0x40, cwr: 0x80, ns: 0x100 },
} as const

/** What the trace does not know of: marks and original tuples come from connections, tunnels from what is behind them. */
const compared = /^(reg\d+|metadata|inPort|eth|vlan|ip|nwTos|arp|tcp|udp|sctp|icmp|nd|ctState|ctZone)/

/**
 * What follows `check_pkt_larger` where the packet is larger: a trace shows it first, indented as the `goto_table` that
 * leads to it, and then the same `goto_table` for the packet at hand.
 */
const ofLarger = /(?<=^( *)check_pkt_larger\(.*\n)\1goto_table:\d+\n(?:.*\n)*?(?=\1goto_table)/gm

/** The passes that Open vSwitch prints, those of flows with cookie 0 left out: they are other bridges'. */
export function parseTrace(text: string): readonly TracedPass[] {
  const passes: TracedPass[] = []
  for (const part of text.replace(ofLarger, '').split(/^=+\nrecirc.*\n(?:.*\n)*?=+\n/m)) {
    const [, start = ''] = /^Flow: (.*)$/m.exec(part) ?? []
    const [, final = start] = /^Final flow: (.*)$/m.exec(part) ?? []
    const steps: string[] = []
    const outputs: string[] = []
    for (const line of part.split('\n')) {
      const step = /^\s*(\d+)\. (?:.*cookie 0x([0-9a-f]+)$|(No match)\.$|.*priority \d+$)/.exec(line)
      if (step && step[2] !== undefined) steps.push(`${step[1]} ${BigInt(`0x${step[2]}`)}`)
      else if (step?.[3]) steps.push(`${step[1]} -`)
      const output = /^\s+(?:output:(\d+)|(IN_PORT))$/.exec(line)
      if (output) outputs.push(output[1] ?? 'IN_PORT')
    }
    passes.push({ steps, outputs, fields: fieldsOf(parseFields(final === 'unchanged' ? start : final)) })
  }
  return passes
}

/** Our own execution in the same words. */
export function tracedPasses<F extends Flow>(execution: Execution<F>): readonly TracedPass[] {
  return execution.passes.map((pass) => ({
    steps: pass.steps.map(({ table, lookup }) => `${table} ${lookup ? lookup.flow.cookie : '-'}`),
    outputs: outputsOf(execution, pass),
    fields: fieldsOf(pass.after.fields()),
  }))
}

function outputsOf<F extends Flow>({ ends }: Execution<F>, pass: Pass<F>): readonly string[] {
  return ends.flatMap((end) => {
    if (end.pass !== pass || (end.end !== 'output' && end.end !== 'same-port')) return []
    const reflected = end.end === 'output' && end.port === end.header.number('inPort')
    return reflected ? ['IN_PORT'] : [String(end.port)]
  })
}

/** `--ct-next` for each pass from conntrack on. */
export function ctNext<F extends Flow>({ passes }: Execution<F>): readonly string[] {
  return passes
    .filter(({ from }) => from === 'conntrack')
    .flatMap(({ before }) => {
      const state = before.number('ctState') & ~(ctState.sourceTranslated | ctState.destinationTranslated)
      const names = Object.entries(flags.ct_state).filter(([, bit]) => state & bit)
      return ['--ct-next', names.map(([name]) => name).join(',')]
    })
}

/** Words that this command takes for TCP and IPv4, whatever the protocol. */
const ownWords: readonly (readonly [field: keyof Fields, from: RegExp, to: string])[] = [
  ['udpDst', /tp_(src|dst)/g, 'udp_$1'],
  ['sctpDst', /tp_(src|dst)/g, 'sctp_$1'],
  ['icmpv6Type', /icmp_(type|code)/g, 'icmpv6_$1'],
]

/** A packet in the words of the command. */
export function traceArgument(fields: Fields, port: number): string {
  const { tcpFlags = 0, vlanTci = 0, ...others } = fields
  const text = ownWords.reduce(
    (text, [field, from, to]) => (fields[field] === undefined ? text : text.replace(from, to)),
    formatMatch({ ...others, inPort: port } as Match),
  )
  const tag = vlanTci === 0 ? '' : `,vlan_tci=0x${vlanTci.toString(16)}`
  return `${text}${tag}${fields.ipProto === 6 ? `,tcp_flags=0x${tcpFlags.toString(16)}` : ''}`
}

function parseFields(text: string): Fields {
  const known = text.replace(/,(dl_vlan1|vlan_tci1|tun_\w+)=[^,]*/g, '')
  const plain = known.replace(
    /(ct_state|tcp_flags)=([a-z|]+|0)/g,
    (_, name: keyof typeof flags, words: string) => {
      const bits: Readonly<Record<string, number>> = flags[name]
      const value = words.split('|').reduce((sum, word) => sum | (bits[word] ?? 0), 0)
      return name === 'ct_state' ? `${name}=0x${value.toString(16)}/0xff` : `${name}=0x${value.toString(16)}`
    },
  )
  return Object.fromEntries(
    Object.entries(parseMatch(plain)).map(([name, entry]) => [
      name,
      typeof entry === 'object' && 'value' in entry ? entry.value : entry,
    ]),
  ) as Fields
}

function fieldsOf(fields: Fields): Readonly<Record<string, string>> {
  const tag = { vlanTci: (fields.vlanTci ?? 0) | (fields.vlanVid ?? 0) | ((fields.vlanPcp ?? 0) << 13) }
  const state = { ctState: (fields.ctState ?? 0) & 0x3f }
  const { vlanVid, vlanPcp, ...others } = { ...fields, ...tag, ...state }
  return Object.fromEntries(
    Object.entries(others)
      .filter(
        ([name, value]) => compared.test(name) && !/^(0|0n|00(:00)*|0\.0\.0\.0|::)$/.test(String(value)),
      )
      .map(([name, value]): [string, string] => [name, String(value)])
      .sort(),
  )
}
