import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { checkRequirements } from '../../src/demo/requirements.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const commands = [
  'ovs-vswitchd',
  'ovsdb-server',
  'ovsdb-tool',
  'ovs-vsctl',
  'ip',
  'ping',
  'ethtool',
  'sysctl',
]

test('without root, Open vSwitch or a free machine a demonstration says what it lacks', async (t) => {
  const directory = await temporaryDirectory(t)
  const root = join(directory, 'lab')
  t.throws(() => checkRequirements(root, 1000, directory), { code: 'not-root' })
  t.throws(() => checkRequirements(root, 0, directory), {
    code: 'missing-commands',
    message: /^not found: ovs-vswitchd, ovsdb-server, .*apt-get install openvswitch-switch/,
  })
  for (const command of commands) writeFileSync(join(directory, command), '')
  t.notThrows(() => checkRequirements(root, 0, directory))
  mkdirSync(join(root, 'other'), { recursive: true })
  t.throws(() => checkRequirements(root, 0, directory), {
    code: 'lab-is-up',
    message: /^lab other is up already: .*lab down/,
  })
})
