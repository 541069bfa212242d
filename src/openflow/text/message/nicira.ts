/** Texts of Nicira's older messages. */
import type { IpfixStats } from '../../messages/nicira.js'
import { cookieText, flowModText, flowRemovedText } from './flow.js'
import type { Formatters } from './form.js'
import { packetInText } from './packet.js'
import { roleText } from './session.js'
import { unknown64 } from './words.js'

/** Two lines; the second begins below the first one's numbers. */
function ipfixText(stats: IpfixStats, indent: number): string {
  const { flows, currentFlows, packets, ipv4Packets, ipv6Packets, txPackets } = stats
  const line = (pairs: readonly (readonly [name: string, value: bigint])[]): string =>
    `${pairs.map(([name, value]) => `${name}=${value === unknown64 ? '?' : value}`).join(', ')}\n`
  const good = line([
    ['flows', flows],
    ['current flows', currentFlows],
    ['sampled pkts', packets],
    ['ipv4 ok', ipv4Packets],
    ['ipv6 ok', ipv6Packets],
    ['tx pkts', txPackets],
  ])
  const bad = line([
    ['pkts errs', stats.errors],
    ['ipv4 errs', stats.ipv4Errors],
    ['ipv6 errs', stats.ipv6Errors],
    ['tx errs', stats.txErrors],
  ])
  return `${good}${' '.repeat(indent)}${bad}`
}

export const nicira: Formatters = {
  nxFlowMod: ({ cookie, oldCookie = 0n, oldCookieMask = 0n, ...mod }) =>
    flowModText(mod, cookieText(cookie, oldCookie, oldCookieMask)),
  nxFlowRemoved: (removed) => flowRemovedText({ ...removed, hardTimeout: 0 }, removed),
  nxPacketIn: packetInText,
  nxRoleRequest: ({ role }) => roleText(role, unknown64),
  nxRoleReply: ({ role }) => roleText(role, unknown64),
  flowModTableId: ({ mode }) => (mode === 'disable' ? ' disable' : ' enable'),
  ipfixBridgeReply: (stats) => `\n  bridge ipfix: ${ipfixText(stats, 16)}`,
  ipfixFlowReply: ({ collectors }) =>
    ` ${collectors.length} ids\n${collectors
      .map((stats) => `  id ${String(stats.collectorSetId).padStart(3)}: ${ipfixText(stats, 10)}`)
      .join('')}`,
}
