import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inParallel } from '../attach/index.js'
import { inNamespace, output } from './command.js'
import { hostDirectory, namespaceOf, type Site } from './names.js'
import { killAll, runsIn, unlessGone } from './namespaces.js'
import type { OvsThing } from './thing.js'

export const daemons = ['ovsdb-server', 'ovs-vswitchd'] as const
export type Daemon = (typeof daemons)[number]

/** What makes `ovs-vsctl`, `ovs-ofctl` and `ovs-appctl` without options speak to this host. */
export const hostEnvironment = (site: Site, host: string): NodeJS.ProcessEnv => {
  const directory = hostDirectory(site, host)
  return { OVS_RUNDIR: directory, OVS_DBDIR: directory, OVS_LOGDIR: directory, OVS_SYSCONFDIR: directory }
}

/** Pid of a daemon that runs, by its pidfile and its namespace: a pid that was used again is not mistaken for it. */
export function daemonPid(site: Site, host: string, daemon: Daemon): number | undefined {
  const text = unlessGone(() => readFileSync(join(hostDirectory(site, host), `${daemon}.pid`), 'utf8'))
  const pid = Number(text ?? Number.NaN)
  return Number.isInteger(pid) && pid > 0 && runsIn(pid, namespaceOf(site, host)) ? pid : undefined
}

const daemonOptions = ['--detach', '--no-chdir', '--pidfile', '--log-file', '-vconsole:off']

export async function startDatabase(site: Site, host: string, remotes: readonly string[]): Promise<void> {
  const directory = hostDirectory(site, host)
  const listen = [
    `punix:${join(directory, 'db.sock')}`,
    ...remotes,
    'db:Open_vSwitch,Open_vSwitch,manager_options',
  ]
  const argv = ['ovsdb-server', join(directory, 'conf.db'), ...listen.map((remote) => `--remote=${remote}`)]
  await output(site, inNamespace(namespaceOf(site, host), [...argv, ...daemonOptions]), {
    env: hostEnvironment(site, host),
  })
}

/** Returns when ovs-vswitchd has put the database into force. */
export async function startSwitch(site: Site, host: string): Promise<void> {
  await output(site, inNamespace(namespaceOf(site, host), ['ovs-vswitchd', ...daemonOptions]), {
    env: hostEnvironment(site, host),
  })
}

/** Hosts whose daemons start at the same time: what they wait for is mostly the machine's cores. */
const startedAtOnce = 8

export async function createOvs(site: Site, things: readonly OvsThing[]): Promise<void> {
  // An empty database is the same for all.
  const empty = join(site.directory, 'empty.db')
  await output(site, ['sh', '-c', 'rm -f "$1" && exec ovsdb-tool create "$1"', 'sh', empty])
  await inParallel(things, startedAtOnce, async ({ id, spec }) => {
    const directory = hostDirectory(site, id)
    mkdirSync(directory, { recursive: true })
    for (const file of spec.files) mkdirSync(dirname(file), { recursive: true })
    const env = hostEnvironment(site, id)
    copyFileSync(empty, join(directory, 'conf.db'))
    await startDatabase(site, id, spec.remotes)
    // One thread of each kind: the hosts of a lab share the cores of one machine.
    const settings = [
      'other_config:n-handler-threads=1',
      'other_config:n-revalidator-threads=1',
      `external_ids:hostname="${id}"`,
      `external_ids:system-id="${id}"`,
    ]
    await output(site, ['ovs-vsctl', '--no-wait', 'init', '--', 'set', 'Open_vSwitch', '.', ...settings], {
      env,
    })
    await startSwitch(site, id)
  })
}

export const removeOvs = (site: Site, things: readonly OvsThing[]): Promise<void> =>
  inParallel(things, 8, async ({ id, spec }) => {
    await killAll(() => daemons.flatMap((daemon) => daemonPid(site, id, daemon) ?? []))
    for (const path of [hostDirectory(site, id), ...spec.files])
      rmSync(path, { recursive: true, force: true })
  })

export const ovsRuns = (site: Site, host: string): boolean =>
  daemons.every((daemon) => daemonPid(site, host, daemon) !== undefined)
