import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { Client } from '../../src/api/client.js'
import { isLink } from '../../src/cli/link-table.js'
import { Lab } from '../../src/lab/index.js'
import { ping, succeed } from '../lab/cluster.js'
import { until } from './support/open-vswitch.js'
import { program } from './support/programs.js'

const scenario = fileURLToPath(new URL('../../../policies/tenants-gre', import.meta.url))

test('lab up returns when packets flow; switches that are dialled, over TCP and at their socket', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'sluice-'))
  const root = join(base, 'lab')
  const policies = join(base, 'policies')
  const socket = join(base, 'sluice.sock')
  const name = `u${randomBytes(4).toString('hex')}`
  const lab = new Lab(name, { root })
  t.teardown(async () => {
    await lab.down()
    rmSync(base, { recursive: true, force: true })
  })
  cpSync(scenario, policies, { recursive: true })
  const edit = (file: string, from: string | RegExp, to: string) => {
    const path = join(policies, file)
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
  }
  edit('lab.yaml', /^name: .*$/m, `name: ${name}`)
  edit('hosts.yaml', 'tunnelIp: 162.105.175.60', '$&\nopenflow: tcp:162.105.175.60:6654')
  const { directory } = lab.host('vm2')
  edit('hosts.yaml', 'tunnelIp: 162.105.175.61', `$&\nopenflow: unix:${join(directory, 'br-int.mgmt')}`)

  const up = spawn(process.execPath, [program, 'lab', 'up', policies, '--root', root], {
    env: { ...process.env, SLUICE_SOCKET: socket },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said, [status]] = await Promise.all([text(up.stderr), once(up, 'close')])
  t.is(status, 0, said)

  const client = new Client(socket)
  const { converged, hosts } = await client.status()
  t.true(converged)
  t.deepEqual(
    hosts.map(({ name: host, connected, flows, desired }) => [host, connected, flows === desired]),
    [
      ['vm1', true, true],
      ['vm2', true, true],
    ],
  )
  const placed: Record<string, unknown> = {}
  for await (const workload of client.get('workloads')) placed[workload.name] = workload.host
  t.deepEqual(placed, { 'usr1-1': 'vm1', 'usr1-2': 'vm2', 'usr2-1': 'vm1', 'usr2-2': 'vm2' })
  const links: Record<string, string> = {}
  // Who asks for links has the next hop asked anew, and a busy machine may be late to answer.
  await until('the links', async () => {
    for await (const link of client.get('links')) if (isLink(link)) links[link.name] = link.state
    return Object.values(links).every((state) => state === 'up')
  })
  t.deepEqual(links, { 'vm1~vm2': 'up', 'campus@vm1': 'up' })

  t.is(await succeed(t, lab, 'vm1', ['ovs-vsctl', 'get-controller', 'br-int']), 'ptcp:6654:162.105.175.60\n')
  t.is(await succeed(t, lab, 'vm2', ['ovs-vsctl', 'get-controller', 'br-int']), '')
  await ping(t, lab, 'usr1-1', '192.168.1.3')
  // The next hop is found by packets that switches send to the controller.
  await ping(t, lab, 'usr2-2', '162.105.175.1')

  // A switch that starts anew is dialled again.
  await lab.host('vm2').restartVswitchd()
  await succeed(t, lab, 'usr1-2', ['ping', '-c', '1', '-w', '25', '162.105.175.1'])
})
