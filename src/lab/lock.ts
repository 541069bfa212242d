import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './error.js'
import type { Site } from './names.js'
import { unlessGone } from './namespaces.js'

/** A process by pid and start time (field 22 of /proc/PID/stat, proc(5)), so that a pid used again is another. */
const identify = (pid: number): string | undefined => {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return stat === undefined ? undefined : `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}

/**
 * Calls `work` while no other process (nor another call) builds or removes this lab; a lock of a process that
 * died is taken over. Throws LabError `busy`.
 */
export async function withLock<T>(site: Site, work: () => Promise<T>): Promise<T> {
  const path = join(site.directory, 'lock')
  const own = `${path}.${process.pid}`
  writeFileSync(own, identify(process.pid) ?? '')
  try {
    take(site, path, own)
  } finally {
    rmSync(own, { force: true })
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(site: Site, path: string, own: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(own, path)
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = unlessGone(() => readFileSync(path, 'utf8'))
    const pid = Number(holder?.split(' ')[0])
    if (holder !== undefined && identify(pid) === holder) {
      throw new LabError('busy', `process ${pid} is at work on lab ${site.name}`)
    }
    rmSync(path, { force: true })
  }
  throw new LabError('busy', `other processes are at work on lab ${site.name}`)
}
