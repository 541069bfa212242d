import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { Lab } from '../../src/lab/index.js'
import { remainsOf } from '../lab/cluster.js'

const program = fileURLToPath(new URL('../../src/demo/main.js', import.meta.url))

/** A demonstration with a name, a directory and a socket of its own, without a terminal. */
function begin(t: ExecutionContext): { name: string; base: string; child: ChildProcess } {
  const name = `d${randomBytes(4).toString('hex')}`
  const base = mkdtempSync(join(tmpdir(), 'demo-'))
  const child = start(name, base)
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await new Lab(name, { root: join(base, 'lab') }).down()
    rmSync(base, { recursive: true })
  })
  return { name, base, child }
}

function start(name: string, base: string): ChildProcess {
  const options = ['--name', name, '--root', join(base, 'lab'), '--socket', join(base, 'run', 'sluice.sock')]
  const env = { ...process.env, NO_COLOR: '1' }
  return spawn(process.execPath, [program, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function outcome(child: ChildProcess): Promise<{ out: string; err: string; status: unknown }> {
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new TypeError(`process ${child.pid} has no output`)
  const [out, err, [status]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')])
  return { out, err, status }
}

/** Waits until the demonstration has dropped the first tenant's file. */
async function halfWay(name: string, base: string, child: ChildProcess): Promise<void> {
  const file = join(base, 'lab', name, 'policies', 'usr1.yaml')
  while (!existsSync(file) && child.exitCode === null) await sleep(5)
}

test.serial('the demonstration shows every pair as promised, and leaves nothing behind', async (t) => {
  const { name, base, child } = begin(t)
  const { out, err, status } = await outcome(child)
  t.is(status, 0, out + err)
  t.regex(out, /^in force on every host within \d+ ms$/m)
  t.regex(out, /^✔ {2}usr1-1 +→ usr1-2 +192\.168\.1\.3 +passed$/m)
  t.regex(out, /^✔ {2}usr2-2 +→ outside +162\.105\.175\.1 +passed$/m)
  t.regex(out, /^✔ {2}usr1-1 +→ usr2-2 +192\.168\.2\.3 +dropped +by usr2\.yaml:4, vm1 exit: /m)
  t.regex(out, /^✔ {2}usr2-1 +→ usr1 router +192\.168\.1\.1 +dropped +by usr1\.yaml:4, /m)
  t.regex(out, /^✔ {2}outside +→ usr1-1 +192\.168\.1\.2 +dropped +by gateway\.yaml:1, vm1 outside: /m)
  t.is(out.match(/^✔ /gm)?.length, 4 * 7 + 7)
  t.regex(out, /^35 of 35 as promised$/m)
  t.regex(out, /^usr1\.yaml:11 +arp +ARP reply for a workload +priority=/m)
  t.deepEqual(remainsOf(name), [])
  t.deepEqual(readdirSync(base), [])
})

test.serial('interrupted half-way it leaves nothing behind', async (t) => {
  const { name, base, child } = begin(t)
  const ended = outcome(child)
  await halfWay(name, base, child)
  child.kill('SIGINT')
  const { err, status } = await ended
  t.is(status, 1)
  t.regex(err, /error: interrupted/)
  t.deepEqual(remainsOf(name), [])
  t.deepEqual(readdirSync(base), [])
})

test.serial('a second one says that a lab is up, and leaves that alone', async (t) => {
  const { name, base, child } = begin(t)
  const first = outcome(child)
  await halfWay(name, base, child)
  const second = start(name, base)
  const { err, status } = await outcome(second)
  t.is(status, 1)
  t.regex(err, new RegExp(`^error: lab ${name} is up already: .*lab down`))
  const { out, status: firstStatus } = await first
  t.is(firstStatus, 0, out)
})
