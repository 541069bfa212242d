import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { Lab, type LabPlan, type LabWorkload } from '../../src/lab/index.js'

/** Two hosts with three workloads, one gateway: a plan for the tests. */
export const twoHosts = (name: string): LabPlan => ({
  name,
  hosts: [
    { name: 'vm1', ovsdb: 'tcp:162.105.175.60:6640', tunnelIp: '162.105.175.60' },
    { name: 'vm2', ovsdb: 'tcp:162.105.175.61:6640', tunnelIp: '162.105.175.61' },
  ],
  gateways: [{ name: 'campus', hosts: ['vm1'], bridge: 'br-ex' }],
  place: { vm1: ['usr1/a', 'usr1/b'], vm2: ['usr1/c'] },
  outside: { addresses: ['162.105.175.1/24'] },
})

const workload = (name: string, last: number): LabWorkload => ({
  id: `usr1/${name}`,
  interface: `usr1/${name}`,
  mac: `02:00:00:00:00:0${last}`,
  addresses: [`192.168.1.${last}/24`, `fd00:1::${last}/64`],
  gateways: ['192.168.1.254', 'fd00:1::fe'],
  mtu: 1458,
})

export const workloads = [workload('a', 1), workload('b', 2), workload('c', 3)]

/** A lab's name of its own and a directory of its own, and their end whatever the test does. */
export function place(t: ExecutionContext): { name: string; root: string } {
  const name = `t${randomBytes(4).toString('hex')}`
  const root = mkdtempSync(join(tmpdir(), 'lab-'))
  t.teardown(async () => {
    await new Lab(name, { root }).down()
    rmSync(root, { recursive: true })
  })
  return { name, root }
}

/** What a controller would do: the workloads' bridge, here one that learns, and GRE to the other host. */
export async function makeBridges(lab: Lab): Promise<void> {
  const remotes = { vm1: '162.105.175.61', vm2: '162.105.175.60' }
  for (const [host, remote] of Object.entries(remotes)) {
    const { status, stderr } = await lab.exec(host, [
      ...[
        'ovs-vsctl',
        '--may-exist',
        'add-br',
        'br-int',
        '--',
        'set',
        'Bridge',
        'br-int',
        'datapath_type=netdev',
      ],
      ...['--', '--may-exist', 'add-port', 'br-int', 'gre0'],
      ...['--', 'set', 'Interface', 'gre0', 'type=gre', `options:remote_ip=${remote}`],
    ])
    if (status !== 0) throw new Error(stderr)
  }
}

/** Standard output of a command that must succeed inside the lab. */
export async function succeed(t: ExecutionContext, lab: Lab, name: string, argv: string[]): Promise<string> {
  const { stdout, stderr, status } = await lab.exec(name, argv, { timeoutMs: 30_000 })
  t.is(status, 0, `${name}: ${argv.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

export const ping = (t: ExecutionContext, lab: Lab, from: string, to: string): Promise<string> =>
  succeed(t, lab, from, ['ping', '-c', '2', '-i', '0.1', '-w', '10', to])

export const rootLinks = (): string => execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' })

/** What exists of a lab on this machine, found without its journal: namespaces, and processes by environment. */
export function remainsOf(name: string): string[] {
  const namespaces = readdirSync('/run/netns').filter((each) => each.startsWith(`${name}.`))
  const processes = readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && environ(pid).includes(`SLUICE_LAB=${name}\0`),
  )
  return [...namespaces, ...processes]
}

function environ(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch (error) {
    // Ended meanwhile, or none of ours.
    if (error instanceof Error && 'code' in error) return ''
    throw error
  }
}
