import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { labsOf } from '../lab/index.js'
import { DemoError } from './error.js'

const commands = [
  'ovs-vswitchd',
  'ovsdb-server',
  'ovsdb-tool',
  'ovs-vsctl',
  'ip',
  'ping',
  'ethtool',
  'sysctl',
] as const

/** What a demonstration needs of the machine: root, Open vSwitch, and no lab that runs. Throws DemoError. */
export function checkRequirements(
  root: string,
  uid = process.getuid?.(),
  path = process.env.PATH ?? '',
): void {
  if (uid !== 0)
    throw new DemoError('not-root', 'the lab makes network namespaces: run this as root, or with sudo')
  const missing = commands.filter((command) => !isOnPath(command, path))
  if (missing.length > 0) {
    const where = 'on Debian: apt-get install openvswitch-switch iproute2 iputils-ping ethtool procps'
    throw new DemoError('missing-commands', `not found: ${missing.join(', ')}; ${where}`)
  }
  const [lab] = labsOf(root)
  if (lab !== undefined) {
    const way = 'press a key where it runs, or remove it with `bin/sluice lab down`'
    throw new DemoError('lab-is-up', `lab ${lab} is up already: ${way}`)
  }
}

function isOnPath(command: string, path: string): boolean {
  return path.split(delimiter).some((directory) => existsSync(join(directory, command)))
}
