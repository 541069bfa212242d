import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ipBatch } from './command.js'
import { removeControllerFiles, runningController, stopController } from './controller.js'
import { LabError } from './error.js'
import { Journal } from './journal.js'
import { withLock } from './lock.js'
import { defaultRoot, type Site } from './names.js'
import { markedProcesses, namespacesOf, processesIn, signal } from './namespaces.js'

/**
 * Removes a lab and everything that belongs to it, in whatever state it was left: the processes inside its
 * namespaces and those that bear its mark, the namespaces with all their links, its files. Does nothing where
 * there is no such lab. Throws LabError `remains` with what is still there after `timeoutMs`, and `busy`.
 */
export async function labDown(site: Site, timeoutMs = 20_000): Promise<void> {
  if (!existsSync(site.directory)) return
  await withLock(site, async () => {
    const journal = Journal.open(site)
    const controller = runningController(site, journal)
    if (controller !== undefined) await stopController(site, controller)
    await sweep(site, timeoutMs)
    for (const { thing } of journal.entries.values()) {
      if (thing.kind === 'controller') removeControllerFiles(thing)
      if (thing.kind === 'ovs') for (const file of thing.spec.files) rmSync(file, { force: true })
    }
    rmSync(site.directory, { recursive: true })
  })
  // The first lab has made it; what somebody names is somebody else's.
  if (dirname(site.directory) === defaultRoot && readdirSync(defaultRoot).length === 0) rmdirSync(defaultRoot)
}

/** Until a look finds nothing: a process that was about to enter a namespace is seen by its mark. */
async function sweep(site: Site, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const namespaces = namespacesOf(site)
    const pids = new Set([...processesIn(namespaces), ...markedProcesses(site)])
    if (namespaces.length === 0 && pids.size === 0) return
    if (performance.now() > end) {
      throw new LabError('remains', `lab ${site.name} could not be removed`, [
        ...namespaces.map((name) => `namespace ${name}`),
        ...[...pids].map((pid) => `process ${pid}`),
      ])
    }
    for (const pid of pids) signal(pid, 'SIGKILL')
    if (pids.size > 0) await sleep(10)
    else
      await ipBatch(
        site,
        undefined,
        namespaces.map((name) => `netns del ${name}`),
      )
  }
}
