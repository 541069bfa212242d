import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { Lab, type LabStatus } from '../../src/lab/index.js'
import { remainsOf, rootLinks } from '../lab/cluster.js'
import { until } from './support/open-vswitch.js'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const program = join(repository, 'bin/sluice')
const base = mkdtempSync(join(tmpdir(), 'sluice-'))
const name = `c${randomBytes(4).toString('hex')}`
const [policies, root, socket] = [join(base, 'policies'), join(base, 'lab'), join(base, 'run', 'sluice.sock')]
const env = { ...process.env, SLUICE_SOCKET: socket, NO_COLOR: '1' }
const links = rootLinks()

cpSync(join(repository, 'policies/tenants-gre'), policies, { recursive: true })
edit('lab.yaml', /^name: .*$/m, `name: ${name}`)

test.after.always(async () => {
  await new Lab(name, { root }).down()
  rmSync(base, { recursive: true })
})

function edit(file: string, from: string | RegExp, to: string): void {
  writeFileSync(join(policies, file), readFileSync(join(policies, file), 'utf8').replace(from, to))
}

interface Answer {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function sluice(...args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

const exec = (...args: readonly string[]) => sluice('lab', 'exec', '--root', root, ...args)
const up = () => sluice('lab', 'up', policies, '--root', root, '--socket', socket)
const pidOf = (status: LabStatus) => status.controller?.pid ?? 0

async function labStatus(): Promise<LabStatus> {
  return JSON.parse((await sluice('lab', 'status', '--json', '--root', root)).stdout)
}

test.serial('lab up builds and starts all, and has nothing to do the second time', async (t) => {
  t.is((await sluice('status')).status, 3)
  const first = await up()
  t.is(first.status, 0, first.stderr)
  t.is((await sluice('status', '--wait=20')).status, 0)
  const before = await labStatus()
  t.true(before.complete)
  t.is(before.hosts.length, 2)
  const second = await up()
  t.is(second.status, 0, second.stderr)
  t.is(second.stderr, `starting the controller\nlab ${name} is up\n`)
  t.deepEqual(await labStatus(), before)
})

test.serial('lab exec takes a command after --, passes its output on, and ends as it ended', async (t) => {
  const ping = await exec('usr1-1', '--', 'ping', '-c', '2', '-w', '5', '192.168.1.3')
  t.is(ping.status, 0)
  t.regex(ping.stdout, /2 received/)
  t.deepEqual(await exec('usr1/usr1-1', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'), {
    status: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  })
  t.is((await exec('outside', 'sh', '-c', 'kill -TERM $$')).status, 143)
  t.deepEqual(await exec('vm1', '--', 'echo', '--json', '--'), {
    status: 0,
    stdout: '--json --\n',
    stderr: '',
  })
  const nowhere = await exec('nowhere', '--', 'true')
  t.is(nowhere.status, 2)
  t.regex(nowhere.stderr, /the lab has no nowhere/)
})

/** What another controller in the controller's place says, which must not start. */
async function secondRun(...args: readonly string[]): Promise<Answer> {
  const child = await exec(
    'controller',
    '--',
    process.execPath,
    program,
    'run',
    '--policies',
    policies,
    ...args,
  )
  return child
}

test.serial('a second controller on one socket, state or port says so and harms nothing', async (t) => {
  const before = await labStatus()
  const other = (what: string) => join(base, `other-${what}`)
  const sameSocket = await secondRun('--socket', socket, '--state', other('state'))
  t.is(sameSocket.status, 1)
  t.regex(sameSocket.stderr, /sluice\.sock is served by another process: end that controller, or choose/)
  const state = join(root, name, 'controller', 'state')
  const sameState = await secondRun('--socket', other('socket'), '--state', state)
  t.is(sameState.status, 1)
  t.regex(sameState.stderr, /state directory .* is in use by process \d+/)
  const samePort = await secondRun('--socket', other('socket'), '--state', other('state'))
  t.is(samePort.status, 1)
  t.regex(samePort.stderr, /6653/)
  t.notRegex(samePort.stderr, /^\s+at /m)
  t.is((await sluice('status', '--wait=10')).status, 0)
  t.deepEqual(await labStatus(), before)
})

test.serial('HTTP serves metrics and health', async (t) => {
  const get = async (path: string) => {
    const script = `const r = await fetch('http://127.0.0.1:6680${path}'); console.log(r.status); console.log(await r.text())`
    const { stdout, stderr } = await exec(
      'controller',
      '--',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    )
    const [status, ...lines] = stdout.split('\n')
    return { status, text: lines.join('\n') + stderr }
  }
  for (const path of ['/healthz', '/readyz']) t.is((await get(path)).status, '200', path)
  const { status, text } = await get('/metrics')
  t.is(status, '200')
  t.regex(text, /^sluice_converged 1$/m)
  t.regex(text, /^sluice_host_connected\{host="vm1"\} 1$/m)
  t.regex(text, /^sluice_host_flows_installed\{host="vm2"\} [1-9]\d+$/m)
})

test.serial('SIGHUP rereads the directory', async (t) => {
  const log = () => readFileSync(join(root, name, 'controller', 'log'), 'utf8')
  const rereads = () => log().split('rereading the directory').length - 1
  const count = rereads()
  process.kill(pidOf(await labStatus()), 'SIGHUP')
  await until('the directory to be reread', () => rereads() > count)
  t.is((await sluice('status', '--wait=10')).status, 0)
  t.is((await labStatus()).controller?.pid, pidOf(await labStatus()))
})

test.serial('check tells every error of a broken directory, the controller too', async (t) => {
  t.deepEqual(await sluice('check', policies), { status: 0, stdout: '', stderr: `${policies}: no errors\n` })
  edit('usr1.yaml', '192.168.1.0/24', '192.168.1.0/33')
  edit('usr2.yaml', 'vni: 2', 'vnii: 2')
  edit('gateway.yaml', 'hosts: [vm1]', 'hosts: [vm7]')
  const { status, stdout } = await sluice('check', policies)
  t.is(status, 1)
  for (const expected of [
    /usr1\.yaml:7:\d+: error: .*192\.168\.1\.0\/33.* \[bad-cidr\]/,
    /usr2\.yaml:9:1: error: .*vnii, did you mean vni/,
    /gateway\.yaml:\d+:\d+: error: .*vm7/,
  ])
    t.regex(stdout, expected)
  await until('the errors', async () => (await sluice('status')).stdout.includes('vm7'))
  const told = (await sluice('status')).stdout
  for (const line of stdout.trim().split('\n')) t.true(told.includes(line), `${line}\n${told}`)
  edit('usr1.yaml', '192.168.1.0/33', '192.168.1.0/24')
  edit('usr2.yaml', 'vnii: 2', 'vni: 2')
  edit('gateway.yaml', 'hosts: [vm7]', 'hosts: [vm1]')
  t.is((await sluice('check', policies)).status, 0)
  t.is((await sluice('check', join(base, 'none'))).status, 2)
})

test.serial('status --wait says no where a host that can be reached is not in step', async (t) => {
  t.is((await sluice('status', '--wait=20')).status, 0)
  // A host with a database, but without a switch.
  const lab = new Lab(name, { root })
  const database = join(base, 'vm3.db')
  const schema = '/usr/share/openvswitch/vswitch.ovsschema'
  t.is((await exec('controller', '--', 'ovsdb-tool', 'create', database, schema)).status, 0)
  const argv = ['ovsdb-server', '--remote=ptcp:6641:127.0.0.1', `--unixctl=${base}/vm3.ctl`, database]
  const server = lab.spawn('controller', argv, { stdio: 'ignore' })
  const tool = ['ovs-vsctl', '--db=tcp:127.0.0.1:6641', '--no-wait', '--retry', 'init']
  t.is((await exec('controller', '--', ...tool)).status, 0)
  const file = join(policies, 'vm3.yaml')
  writeFileSync(file, 'kind: Host\nname: vm3\novsdb: tcp:127.0.0.1:6641\ntunnelIp: 162.105.175.63\n')
  const { status, stdout, stderr } = await sluice('status', '--wait=3')
  t.is(status, 1)
  t.regex(stdout, /^vm3 +not connected: the switch has not connected/m)
  t.regex(stderr, /not converged after 3 s: .*waiting for vm3 \(the switch has not connected\)/)
  rmSync(file)
  t.is((await sluice('status', '--wait=20')).status, 0)
  t.is((await sluice('status', '--wait=soon')).status, 2)
  const closed = once(server, 'close')
  server.kill()
  await closed
})

test.serial('--wait sees what was written just before', async (t) => {
  for (const ip of ['192.168.1.4', '192.168.1.3']) {
    edit('usr1.yaml', /^ip: 192\.168\.1\.[34]$/m, `ip: ${ip}`)
    t.is((await sluice('status', '--wait=20')).status, 0)
    const { stdout } = await sluice('flows', '--format', 'ovs', '--no-stats', '--table', 'neighbour')
    t.true(stdout.includes(`nw_dst=${ip} `))
  }
})

test.serial('lab down leaves nothing behind', async (t) => {
  const child = spawn(
    process.execPath,
    [program, 'lab', 'exec', '--root', root, 'usr1-1', '--', 'sh', '-c', 'echo runs && exec sleep 1000'],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  t.is((await sluice('lab', 'down', '--root', root)).status, 0)
  t.deepEqual(await ended, [137, null])
  t.deepEqual(remainsOf(name), [])
  t.false(readdirSync('/run/netns').some((each) => each.startsWith(name)))
  t.is(rootLinks(), links)
  t.deepEqual(existsSync(root) ? readdirSync(root) : [], [])
  t.false(existsSync(socket))
  t.is((await sluice('lab', 'down', '--root', root)).status, 0)
  t.is((await exec('usr1-1', '--', 'true')).status, 1)
  t.is((await sluice('status')).status, 3)
})
