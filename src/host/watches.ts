import { everything } from '../model/index-definitions.js'
import type { Reads } from '../model/reads.js'
import type { Question, Watch } from './plan.js'

/**
 * The hosts that a host watches: where a gateway has several hosts, or others take its place when it dies, they and all
 * others watch each other. Of several gateways the shortest interval counts.
 */
export function watchesOf(host: string, reads: Reads): readonly Watch[] {
  const intervals = new Map<string, number>()
  const watch = (other: string, intervalMs: number) => {
    if (other !== host) intervals.set(other, Math.min(intervalMs, intervals.get(other) ?? intervalMs))
  }
  const rivals = new Set(reads.by('rivals', everything))
  for (const { id: gateway, hosts, bfd } of reads.by('gateways', everything)) {
    const own = hosts.filter((each) => reads.get('host', each))
    if (own.length < 2 && !rivals.has(gateway)) continue
    if (own.includes(host)) for (const { id } of reads.by('hosts', everything)) watch(id, bfd)
    else for (const other of own) watch(other, bfd)
  }
  return Array.from(intervals, ([other, intervalMs]) => ({ host: other, intervalMs }))
}

/** Whom a host asks whether they carry a gateway: each host of every gateway that it can carry itself. */
export function questionsOf(host: string, reads: Reads): readonly Question[] {
  return reads.by('gatewaysByHost', host).flatMap(({ id: gateway, hosts, bfd: intervalMs }) => {
    const own = hosts.filter((each) => reads.get('host', each))
    return own.length < 2 ? [] : own.map((other) => ({ gateway, host: other, intervalMs }))
  })
}
