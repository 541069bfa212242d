import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Progress } from './reconcile.js'

/** Entries for everything that is no host, of this lab and of others. */
const besideHosts = 512

/**
 * Sees to it that the kernel's tables of neighbours hold the hosts of a lab, each of which comes to know all others. There
 * is one for each version of IP, whatever the namespace (arp(7), gc_thresh3); when it is full, the kernel leaves requests
 * unanswered, and tunnels stay down. A limit is only ever raised, and stays: other labs may count on it.
 *
 * @param directory `/proc/sys/net`
 */
export function makeRoomForNeighbours(hosts: number, progress: Progress, directory = '/proc/sys/net'): void {
  const needed = hosts ** 2 + besideHosts
  for (const version of ['ipv4', 'ipv6']) {
    const path = `${directory}/${version}/neigh/default/gc_thresh3`
    if (!existsSync(path)) continue
    const limit = Number(readFileSync(path, 'latin1'))
    if (limit >= needed) continue
    const raised = 2 ** Math.ceil(Math.log2(needed))
    const setting = `net.${version}.neigh.default.gc_thresh3`
    try {
      writeFileSync(path, `${raised}\n`)
      progress(`${setting} is raised from ${limit} to ${raised}: ${hosts} hosts know each other`)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      progress(`${setting} is ${limit}, too few for ${hosts} hosts: links come up late; ${raised} will do`)
    }
  }
}
