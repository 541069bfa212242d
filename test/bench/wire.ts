/**
 * Encoding and decoding of FLOW_MODs and replies to flow requests, with flows as a pipeline has them: this library, os-ken
 * (Debian's python3-os-ken) and the C tool, each at the same work in one run. With os-ken the very same messages, for
 * as long: values to bytes and bytes to values, everything decoded; it cannot encode replies.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  decodeMessage,
  encodeFlags,
  encodeMessage,
  flowToHex,
  formatMessage,
  type Message,
  parseFlow,
  type Version,
  Writer,
} from '../../src/openflow/index.js'
import { figure, report } from './support/report.js'

/** OpenFlow 1.3: os-ken knows Open vSwitch's actions there. */
const version: Version = 4
const flowCount = 20_000
const rounds = 5
/** os-ken is slow: as many flows tell its rate, and ours beside it, the best of the rounds in so many seconds each. */
const osKenCount = 2_000
const osKenSeconds = 2

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
const mac = (i: number): string =>
  `02:00:00:${hex((i >> 16) & 255, 2)}:${hex((i >> 8) & 255, 2)}:${hex(i & 255, 2)}`
const address = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`

/** Flows of a tenant network's pipeline: classification, spoof guard, ARP, switching, routing, policy, output. */
const shapes: readonly ((i: number) => string)[] = [
  (i) =>
    `table=0,priority=100,in_port=${1 + (i % 60000)},actions=load:${hexOf(i)}->NXM_NX_REG0[],load:0x5->OXM_OF_METADATA[0..31],resubmit(,10)`,
  (i) =>
    `table=10,priority=100,reg0=${hexOf(i)},dl_src=${mac(i)},ip,nw_src=${address(i)},actions=resubmit(,20)`,
  (i) =>
    `table=20,priority=100,metadata=${hexOf(i)},arp,arp_op=1,arp_tpa=${address(i)},actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],` +
    `set_field:${mac(i)}->eth_src,set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:${mac(i)}->arp_sha,` +
    `move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:${address(i)}->arp_spa,load:0->NXM_OF_IN_PORT[],IN_PORT`,
  (i) =>
    `table=30,priority=100,metadata=${hexOf(i)},dl_dst=${mac(i)},actions=load:${hexOf(i)}->NXM_NX_REG1[],resubmit(,60)`,
  (i) =>
    `table=40,priority=${100 + (i % 100)},metadata=0x5,ip,nw_dst=${address(i)}/${8 + (i % 25)},actions=dec_ttl,set_field:${mac(i)}->eth_src,` +
    `set_field:${mac(i + 1)}->eth_dst,load:${hexOf(i)}->NXM_NX_REG1[],resubmit(,50)`,
  (i) =>
    `table=50,priority=200,ct_state=+new-est+trk,reg1=${hexOf(i)},tcp,nw_src=${address(i)}/16,tp_dst=${1 + (i % 65535)},actions=conjunction(${1 + (i % 1000)},1/2)`,
  (i) =>
    `table=50,priority=100,ct_state=+est+trk,ip,reg1=${hexOf(i)},actions=ct(commit,zone=${i % 65536},exec(load:0x1->NXM_NX_CT_MARK[])),resubmit(,60)`,
  (i) => `table=60,priority=100,reg1=${hexOf(i)},actions=output:${1 + (i % 60000)}`,
]

function hexOf(value: number): string {
  return `0x${value.toString(16)}`
}

const texts = Array.from(
  { length: flowCount },
  (_, i) => `cookie=${hexOf(0x28000000 + i)},${shapes[i % shapes.length]?.(i + 1) ?? ''}`,
)

/** How long it takes, in seconds. */
function time(run: () => unknown): number {
  const start = performance.now()
  run()
  return (performance.now() - start) / 1000
}

/** The best of some rounds, in seconds. */
function best(run: () => unknown): number {
  return Math.min(...Array.from({ length: rounds }, () => time(run)))
}

/** The best of the rounds for which there is time, in seconds. */
function bestInTime(run: () => unknown): number {
  const end = performance.now() + osKenSeconds * 1000
  let least = Number.POSITIVE_INFINITY
  while (performance.now() < end) least = Math.min(least, time(run))
  return least
}

const mods: readonly Message[] = texts.map((text, i) => {
  const { flags, ...flow } = parseFlow(text)
  return { type: 'flowMod', xid: i + 1, command: 'add', ...flow, flags: encodeFlags(flags) }
})
const modBytes = mods.map((message) => encodeMessage(message, version))

/** Replies as a switch sends them: as many flows as fit in 32 kB or so. */
const perReply = 150
const replies: readonly Message[] = Array.from({ length: Math.ceil(flowCount / perReply) }, (_, part) => ({
  type: 'flowDescReply',
  xid: 1,
  more: true,
  flows: texts.slice(part * perReply, (part + 1) * perReply).map((text) => {
    const { flags, idleTimeout = 0, hardTimeout = 0, importance = 0, ...flow } = parseFlow(text)
    const stats = { durationSec: 12, durationNsec: 345_000_000, packets: 1000n, bytes: 98_000n }
    return { ...flow, idleTimeout, hardTimeout, importance, flags: encodeFlags(flags), stats }
  }),
}))
const replyBytes = replies.map((message) => encodeMessage(message, version))

const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

interface OsKen {
  readonly decodeSeconds: number
  readonly encodeSeconds?: number
  readonly same?: number
}

const python = '/usr/bin/python3'

function hasOsKen(): boolean {
  const found = () => spawnSync(python, ['-c', 'import os_ken']).status === 0
  if (found()) return true
  if (process.getuid?.() !== 0) return false
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'python3-os-ken'], { stdio: 'ignore' })
  return found()
}

function osKen(name: string, messages: readonly Buffer[], ...args: string[]): OsKen {
  const lines = file(name, messages.map((message) => `${message.toString('hex')}\n`).join(''))
  const script = new URL('../../../test/bench/os_ken_wire.py', import.meta.url).pathname
  return JSON.parse(
    execFileSync(python, [script, lines, String(osKenSeconds), ...args], { encoding: 'utf8' }),
  )
}

/** Seconds that the tool takes, less what it takes for nothing. */
function tool(args: readonly string[], path: string): number {
  const run = (input: string) =>
    best(() => execFileSync('ovs-ofctl', [...args, input], { maxBuffer: 1 << 30 }))
  return run(path) - run(file('empty', ''))
}

const rate = (seconds: number, count = flowCount): number => count / seconds

const someMods = mods.slice(0, osKenCount)
const someModBytes = modBytes.slice(0, osKenCount)
const someReplies = replies.slice(0, Math.ceil(osKenCount / perReply))
const someReplyBytes = replyBytes.slice(0, someReplies.length)
const replyFlows = someReplies.length * perReply
/** As a connection has one. */
const writer = new Writer(0x4000)

const seconds = {
  encodeMods: bestInTime(() => someMods.map((message) => encodeMessage(message, version, writer))),
  decodeMods: bestInTime(() => someModBytes.map((bytes) => decodeMessage(bytes, version))),
  encodeReplies: bestInTime(() => someReplies.map((message) => encodeMessage(message, version, writer))),
  decodeReplies: bestInTime(() => someReplyBytes.map((bytes) => decodeMessage(bytes, version))),
  parse: best(() =>
    texts.map((text) => formatMessage(decodeMessage(Buffer.from(flowToHex(text, version), 'hex')), version)),
  ),
  printMods: best(() => modBytes.map((bytes) => formatMessage(decodeMessage(bytes), version))),
  printReplies: best(() => replyBytes.map((bytes) => formatMessage(decodeMessage(bytes), version))),
}

const own = {
  encodeMods: rate(seconds.encodeMods, someMods.length),
  decodeMods: rate(seconds.decodeMods, someMods.length),
  encodeReplies: rate(seconds.encodeReplies, replyFlows),
  decodeReplies: rate(seconds.decodeReplies, replyFlows),
}
report('wire', 'flow_mods and flow-stats replies of OpenFlow 1.3', {
  'encode flow_mods': figure(own.encodeMods, 'flows/s'),
  'decode flow_mods': figure(own.decodeMods, 'flows/s'),
  'encode replies': figure(own.encodeReplies, 'flows/s'),
  'decode replies': figure(own.decodeReplies, 'flows/s'),
})

if (hasOsKen()) {
  const ofMods = osKen('mods', someModBytes, '--encode')
  const ofReplies = osKen('replies', someReplyBytes)
  const theirs = {
    encode: rate(ofMods.encodeSeconds ?? Number.NaN, someMods.length),
    decode: rate(ofMods.decodeSeconds, someMods.length),
    replies: rate(ofReplies.decodeSeconds, replyFlows),
  }
  report('wire-os-ken', `os-ken writes ${ofMods.same} of ${someMods.length} flow_mods as they came`, {
    'encode flow_mods': figure(theirs.encode, 'flows/s'),
    'decode flow_mods': figure(theirs.decode, 'flows/s'),
    'decode replies': figure(theirs.replies, 'flows/s'),
    'encode ratio': figure(own.encodeMods / theirs.encode, 'times', '> 20'),
    'decode ratio': figure(own.decodeMods / theirs.decode, 'times', '> 20'),
    'replies ratio': figure(own.decodeReplies / theirs.replies, 'times', '> 20'),
  })
} else console.log('wire-os-ken: left out: python3-os-ken is not installed, and only root can install it')

if (spawnSync('ovs-ofctl', ['--version']).status === 0) {
  const options = ['--no-names', '-O', 'OpenFlow13']
  const theirs = {
    parse: tool([...options, 'parse-flows'], file('flows', texts.join('\n'))),
    mods: tool([...options, 'ofp-parse'], file('mods.bin', Buffer.concat(modBytes))),
    replies: tool([...options, 'ofp-parse'], file('replies.bin', Buffer.concat(replyBytes))),
  }
  report('wire-ovs-ofctl', 'text to message to text, message to text, replies to text, against the C tool', {
    'parse-flows': figure(rate(theirs.parse), 'flows/s'),
    'own parse': figure(rate(seconds.parse), 'flows/s'),
    'print flow_mods': figure(rate(theirs.mods), 'flows/s'),
    'own print flow_mods': figure(rate(seconds.printMods), 'flows/s'),
    'print replies': figure(rate(theirs.replies), 'flows/s'),
    'own print replies': figure(rate(seconds.printReplies), 'flows/s'),
    'parse time ratio': figure(seconds.parse / theirs.parse, 'times', '< 3'),
    'print flow_mods time ratio': figure(seconds.printMods / theirs.mods, 'times', '< 3'),
    'print replies time ratio': figure(seconds.printReplies / theirs.replies, 'times', '< 3'),
  })
} else console.log('wire-ovs-ofctl: left out: Open vSwitch is not installed')
