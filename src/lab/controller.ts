import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { environment, inNamespace } from './command.js'
import { LabError } from './error.js'
import type { Journal } from './journal.js'
import { controllerDirectory, namespaceOf, type Site } from './names.js'
import { hasEnded, killAll, processesIn, runsIn, signal } from './namespaces.js'
import type { ControllerThing } from './thing.js'

export interface ControllerOptions {
  /** The program and its first arguments, to which `run --policies … --state … --socket …` is added. */
  readonly command: readonly string[]
  readonly policies: string
  /** The control socket. Default `/run/sluice/sluice.sock`. */
  readonly socket?: string
  /** Default: a directory of the lab, gone with it. */
  readonly state?: string
  /** Further arguments. */
  readonly args?: readonly string[]
  /** Milliseconds until it must have printed `ready`. Default 60,000. */
  readonly timeoutMs?: number
}

export const defaultSocket = '/run/sluice/sluice.sock'

const namespaceOfController = (site: Site): string => namespaceOf(site, 'controller')

/** The controller's process of this lab, if it runs. */
export function runningController(
  site: Site,
  journal: Pick<Journal, 'entries'>,
): ControllerThing | undefined {
  const thing = journal.entries.get('controller controller')?.thing
  if (thing?.kind !== 'controller' || thing.spec.pid === undefined) return undefined
  return runsIn(thing.spec.pid, namespaceOfController(site)) ? thing : undefined
}

/**
 * Starts the controller in its namespace, detached, and returns its pid once it has printed the line `ready`
 * (cli.md, `sluice run`). One that runs with the same arguments is left alone; any other is ended first.
 * Throws LabError `controller-failed` with the end of its log.
 */
export async function startController(
  site: Site,
  journal: Journal,
  options: ControllerOptions,
): Promise<number> {
  const { command, policies, socket = defaultSocket, args = [], timeoutMs = 60_000 } = options
  const directory = controllerDirectory(site)
  const state = options.state ?? join(directory, 'state')
  const argv = [...command, 'run', '--policies', policies, '--state', state, '--socket', socket, ...args]
  const before = runningController(site, journal)
  if (before?.spec.pid !== undefined && before.spec.argv.join('\0') === argv.join('\0'))
    return before.spec.pid
  const earlier = journal.entries.get('controller controller')?.thing
  if (earlier?.kind === 'controller') {
    await removeController(site, earlier)
    journal.gone([earlier])
  }
  const log = join(directory, 'log')
  const made = existsSync(dirname(socket)) ? [] : [dirname(socket)]
  const thing: ControllerThing = { kind: 'controller', id: 'controller', spec: { argv, socket, log, made } }
  journal.begin([thing])
  for (const path of [state, dirname(socket)]) mkdirSync(path, { recursive: true })
  const pid = await launch(site, argv, log)
  const started = { ...thing, spec: { ...thing.spec, pid } }
  journal.done([started])
  try {
    await waitReady(pid, log, timeoutMs)
  } catch (error) {
    await removeController(site, started)
    journal.gone([started])
    throw error
  }
  return pid
}

async function launch(site: Site, argv: readonly string[], log: string): Promise<number> {
  const [file = '', ...args] = inNamespace(namespaceOfController(site), argv)
  const descriptor = openSync(log, 'w')
  try {
    const stdio = ['ignore', descriptor, descriptor] as const
    const child = spawn(file, args, { env: environment(site), detached: true, stdio: [...stdio] })
    await once(child, 'spawn')
    child.unref()
    return child.pid ?? 0
  } catch (cause) {
    throw new LabError('controller-failed', `cannot run ${file}`, [], { cause })
  } finally {
    closeSync(descriptor)
  }
}

async function waitReady(pid: number, log: string, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const ended = hasEnded(pid)
    const text = readFileSync(log, 'utf8')
    if (/^ready\b/m.test(text)) return
    const why = ended ? 'ended before it was ready' : `was not ready after ${timeoutMs} ms`
    if (ended || performance.now() > end) {
      throw new LabError('controller-failed', `the controller ${why}`, text.trim().split('\n').slice(-20))
    }
    await sleep(20)
  }
}

/** Sends the signal and waits for the end; after `timeoutMs` kills. */
export async function stopController(
  site: Site,
  { spec: { pid } }: ControllerThing,
  name: NodeJS.Signals = 'SIGTERM',
  timeoutMs = 5_000,
): Promise<void> {
  const namespace = namespaceOfController(site)
  if (pid === undefined || !runsIn(pid, namespace)) return
  signal(pid, name)
  const end = performance.now() + timeoutMs
  while (runsIn(pid, namespace) && performance.now() < end) await sleep(10)
  await killAll(() => (runsIn(pid, namespace) ? [pid] : []))
}

/** Ends the controller and removes what it left behind, other than its state and log. */
export async function removeController(site: Site, thing: ControllerThing): Promise<void> {
  if (thing.spec.pid === undefined) await killAll(() => processesIn([namespaceOfController(site)]))
  await stopController(site, thing)
  removeControllerFiles(thing)
}

export function removeControllerFiles({ spec: { socket, made } }: ControllerThing): void {
  for (const path of [socket, ...made]) rmSync(path, { recursive: true, force: true })
}
