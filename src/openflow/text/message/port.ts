/** Texts of messages about ports and queues. */
import type { Port, PortStats } from '../../messages/port.js'
import type { QueueDesc } from '../../messages/queue.js'
import { formatPort } from '../../ports.js'
import type { Formatters } from './form.js'
import { formatBits, formatDuration, unknown64 } from './words.js'

const any = 0xffffffff

const configNames = { 1: 'PORT_DOWN', 4: 'NO_RECV', 32: 'NO_FWD', 64: 'NO_PACKET_IN' }
const stateNames = { 1: 'LINK_DOWN', 2: 'BLOCKED', 4: 'LIVE' }
const featureNames = {
  [1 << 0]: '10MB-HD',
  [1 << 1]: '10MB-FD',
  [1 << 2]: '100MB-HD',
  [1 << 3]: '100MB-FD',
  [1 << 4]: '1GB-HD',
  [1 << 5]: '1GB-FD',
  [1 << 6]: '10GB-FD',
  [1 << 7]: '40GB-FD',
  [1 << 8]: '100GB-FD',
  [1 << 9]: '1TB-FD',
  [1 << 10]: 'OTHER',
  [1 << 11]: 'COPPER',
  [1 << 12]: 'FIBER',
  [1 << 13]: 'AUTO_NEG',
  [1 << 14]: 'AUTO_PAUSE',
  [1 << 15]: 'AUTO_PAUSE_ASYM',
}

function descText({ port, name, hardwareAddress, config, state, ethernet }: Port): string {
  const features = [
    ['current:    ', ethernet?.current],
    ['advertised: ', ethernet?.advertised],
    ['supported:  ', ethernet?.supported],
    ['peer:       ', ethernet?.peer],
  ] as const
  const megabits = (kilobits = 0) => Math.floor(kilobits / 1000)
  return [
    ` ${formatPort(port)}(${name}): addr:${hardwareAddress}\n`,
    `     config:     ${formatBits(config, configNames)}\n`,
    `     state:      ${formatBits(state, stateNames)}\n`,
    ...features.map(([label, bits = 0]) =>
      bits === 0 ? '' : `     ${label}${formatBits(bits, featureNames)}\n`,
    ),
    `     speed: ${megabits(ethernet?.currentSpeed)} Mbps now, ${megabits(ethernet?.maxSpeed)} Mbps max\n`,
  ].join('')
}

function counter(value: bigint | undefined): string {
  return value === undefined || value === unknown64 ? '?' : String(value)
}

type Rfc2819 = NonNullable<PortStats['rfc2819']>
const rfc2819Rx: readonly (readonly [keyof Rfc2819, string])[] = [
  ['rx1To64', '1_to_64_packets'],
  ['rx65To127', '65_to_127_packets'],
  ['rx128To255', '128_to_255_packets'],
  ['rx256To511', '256_to_511_packets'],
  ['rx512To1023', '512_to_1023_packets'],
  ['rx1024To1522', '1024_to_1522_packets'],
  ['rx1523ToMax', '1523_to_max_packets'],
  ['rxBroadcast', 'broadcast_packets'],
  ['rxUndersized', 'undersized_errors'],
  ['rxOversize', 'oversize_errors'],
  ['rxFragmented', 'rx_fragmented_errors'],
  ['rxJabber', 'rx_jabber_errors'],
]
const rfc2819Tx: readonly (readonly [keyof Rfc2819, string])[] = [
  ['tx1To64', '1_to_64_packets'],
  ['tx65To127', '65_to_127_packets'],
  ['tx128To255', '128_to_255_packets'],
  ['tx256To511', '256_to_511_packets'],
  ['tx512To1023', '512_to_1023_packets'],
  ['tx1024To1522', '1024_to_1522_packets'],
  ['tx1523ToMax', '1523_to_max_packets'],
  ['txMulticast', 'multicast_packets'],
  ['txBroadcast', 'broadcast_packets'],
]

function more(label: string, names: typeof rfc2819Rx, values: Rfc2819 | undefined): string {
  const known = names.filter(([name]) => values !== undefined && values[name] !== unknown64)
  if (known.length === 0) return ''
  return `           ${label} rfc2819 ${known.map(([name, word]) => `${word}=${values?.[name]}, `).join('')}\n`
}

function customText(counters: NonNullable<PortStats['custom']>): string {
  if (counters.length === 0) return ''
  const each = counters.map(({ name, value }, i) =>
    name === '' ? '' : `${i % 3 === 0 ? `\n${' '.repeat(22)}` : ' '}${name}=${value},`,
  )
  return `           CUSTOM Statistics${each.join('')}\n`
}

function statsText({ port, durationSec, durationNsec, ethernet: lan, ...sums }: PortStats): string {
  const { rxPackets, rxBytes, rxDropped, rxErrors, txPackets, txBytes, txDropped, txErrors } = sums
  const errors = `frame=${counter(lan?.rxFrame)}, over=${counter(lan?.rxOverrun)}, crc=${counter(lan?.rxCrc)}`
  return [
    `  port ${port < 10 ? ' ' : ''}${formatPort(port)}: rx pkts=${counter(rxPackets)}, bytes=${counter(rxBytes)}, `,
    `drop=${counter(rxDropped)}, errs=${counter(rxErrors)}, ${errors}\n`,
    `           tx pkts=${counter(txPackets)}, bytes=${counter(txBytes)}, drop=${counter(txDropped)}, `,
    `errs=${counter(txErrors)}, coll=${counter(lan?.collisions)}\n`,
    durationSec === any ? '' : `           duration=${formatDuration(durationSec, durationNsec)}\n`,
    more('rx', rfc2819Rx, sums.rfc2819),
    more('tx', rfc2819Tx, sums.rfc2819),
    customText(sums.custom ?? []),
  ].join('')
}

function queueNumber(queue: number): string {
  return queue === any ? 'ALL' : String(queue)
}

function rate(name: string, tenths: number | undefined): string {
  if (tenths === undefined || tenths >= 0xffff) return ''
  return tenths > 1000 ? ` ${name}:(disabled)` : ` ${name}:${Math.floor(tenths / 10)}.${tenths % 10}%`
}

function queuesText({ queues }: { queues: readonly QueueDesc[] }, port: number | undefined): string {
  const each = [...queues]
    .sort((a, b) => a.queue - b.queue)
    .map(
      ({ queue, minRate, maxRate }) =>
        `queue ${queue}:${rate('min_rate', minRate)}${rate('max_rate', maxRate)}\n`,
    )
  return ` port=${formatPort(port ?? any)}\n${each.join('')}`
}

export const port: Formatters = {
  portStatus: ({ reason, desc }) => {
    const name =
      reason === 'add' ? ' ADD:' : reason === 'delete' ? ' DEL:' : reason === 'modify' ? ' MOD:' : ''
    return `${name}${descText(desc)}`
  },
  portMod: ({ port: number, hardwareAddress, config, mask, advertise = 0 }) =>
    ` port: ${formatPort(number)}: addr:${hardwareAddress}\n     config: ${formatBits(config, configNames)}\n` +
    `     mask:   ${formatBits(mask, configNames)}\n` +
    `     advertise: ${advertise === 0 ? 'UNCHANGED' : formatBits(advertise, featureNames)}\n`,
  portDescRequest: ({ port: number = any }) => ` port=${formatPort(number)}`,
  portDescReply: ({ ports }) =>
    `\n${[...ports]
      .sort((a, b) => a.port - b.port)
      .map(descText)
      .join('')}`,
  portStatsRequest: ({ port: number = any }) => ` port_no=${formatPort(number)}`,
  portStatsReply: ({ ports }) => ` ${ports.length} ports\n${ports.map(statsText).join('')}`,
  queueStatsRequest: ({ port: number = any, queue = any }) =>
    ` port=${formatPort(number)} queue=${queueNumber(queue)}`,
  queueStatsReply: ({ queues }) => {
    const each = queues.map(
      ({ port: number, queue, txBytes, txPackets, txErrors, durationSec, durationNsec }) => {
        const duration = durationSec === any ? '?' : formatDuration(durationSec, durationNsec)
        const counts = `bytes=${counter(txBytes)}, pkts=${counter(txPackets)}, errors=${counter(txErrors)}`
        return `  port ${formatPort(number)} queue ${queueNumber(queue)}: ${counts}, duration=${duration}\n`
      },
    )
    return ` ${queues.length} queues\n${each.join('')}`
  },
  queueDescRequest: ({ port: number = any, queue = any }) =>
    ` port=${formatPort(number)}${queue === any ? '' : ` queue=${queue}`}`,
  queueDescReply: (message) => queuesText(message, message.queues[0]?.port),
  queueConfigRequest: ({ port: number = any }) => ` port=${formatPort(number)}`,
  queueConfigReply: (message) => queuesText(message, message.port),
}
