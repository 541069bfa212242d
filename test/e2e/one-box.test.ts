import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { Lab, type LabStatus } from '../../src/lab/index.js'
import { remainsOf, rootLinks } from '../lab/cluster.js'
import { addressOf, tunnelIpOf, writeBox } from '../support/one-box.js'
import { capture } from './support/capture.js'
import { program } from './support/programs.js'

/** A directory for a lab of so many hosts, driven as people do: by the program. */
class Box {
  readonly base = mkdtempSync(join(tmpdir(), 'sluice-'))
  readonly name = `b${randomBytes(4).toString('hex')}`
  readonly root = join(this.base, 'lab')
  readonly #socket = join(this.base, 'run', 'sluice.sock')
  readonly lab = new Lab(this.name, { root: this.root })

  constructor(
    t: ExecutionContext,
    readonly hosts: number,
  ) {
    writeBox(join(this.base, 'policies'), this.name, hosts)
    t.teardown(async () => {
      await this.lab.down()
      rmSync(this.base, { recursive: true, force: true })
    })
  }

  up(): ChildProcess {
    return this.#spawn(
      'lab',
      'up',
      join(this.base, 'policies'),
      '--root',
      this.root,
      '--socket',
      this.#socket,
    )
  }

  /** Runs the program to its end; standard output. */
  async run(...args: readonly string[]): Promise<string> {
    return finish(this.#spawn(...args))
  }

  /** What is there of it, wherever. */
  remains(): readonly string[] {
    const files = existsSync(this.root) ? readdirSync(this.root) : []
    return [...remainsOf(this.name), ...files, ...(existsSync(this.#socket) ? ['socket'] : [])]
  }

  #spawn(...args: readonly string[]): ChildProcess {
    const env = { ...process.env, SLUICE_SOCKET: this.#socket, NO_COLOR: '1' }
    return spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

async function finish(child: ChildProcess): Promise<string> {
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const parts: string[] = []
    stream?.setEncoding('utf8').on('data', (text: string) => parts.push(text))
    return parts
  })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${status}: ${stderr?.join('')}`)
  return stdout?.join('') ?? ''
}

/** How many neighbours the kernel can know, in all namespaces together. */
const neighbours = () => Number(readFileSync('/proc/sys/net/ipv4/neigh/default/gc_thresh3', 'latin1'))

/** Pings from one workload to others, all at once; those that do not answer. Fifty switches on a small machine start slowly. */
async function silent(lab: Lab, from: number, to: readonly number[]): Promise<readonly string[]> {
  const pings = to.map((n) => `(ping -n -q -c 1 -w 40 ${addressOf(n)} >/dev/null || echo ${from} to ${n}) &`)
  const { stdout } = await lab.exec(`w${from}`, ['sh', '-c', `${pings.join('\n')}\nwait`])
  return stdout.split('\n').filter((line) => line !== '')
}

/** For each workload the others that it is to ping: all of them, or of many hosts every seventh. */
function pairs(hosts: number): readonly (readonly [number, readonly number[]])[] {
  const all = Array.from({ length: hosts }, (_, at) => at + 1)
  const step = hosts > 10 ? 7 : 1
  return all.map((from) => [from, all.filter((to) => to !== from && (to - from) % step === 0)])
}

for (const hosts of [2, 10, 50])
  test.serial(
    `${hosts} hosts on one machine: traffic crosses the underlay, and nothing is left`,
    async (t) => {
      const before = rootLinks()
      const box = new Box(t, hosts)
      const { lab } = box
      await finish(box.up())
      await box.run('status', '--wait=60')
      const status: LabStatus = JSON.parse(await box.run('lab', 'status', '--root', box.root, '--json'))
      t.true(status.complete)
      t.is(status.hosts.filter(({ ovsdbServer, vswitchd }) => ovsdbServer && vswitchd).length, hosts)
      t.deepEqual(
        status.workloads.map(({ host }) => host),
        Array.from({ length: hosts }, (_, at) => `vm${at + 1}`),
      )
      t.truthy(status.controller?.pid)
      t.true(neighbours() > hosts ** 2, 'the kernel answers all of them')
      const table = await box.run('lab', 'status', '--root', box.root)
      t.regex(
        table,
        new RegExp(
          `^workload +usr1/w${hosts} +vm${hosts} +${addressOf(hosts).replaceAll('.', '\\.')}/16$`,
          'm',
        ),
      )

      // What has a VNI (RFC 8926 §3.4), which the tunnels' probes have not: there are many of them.
      const tenants = 'udp port 6081 and udp[12:4] > 255'
      const wire = await capture(lab, 'wire', tenants, { device: 'underlay', direction: 'inout' })
      const lost: string[] = []
      for (const [from, to] of pairs(hosts)) lost.push(...(await silent(lab, from, to)))
      t.deepEqual(lost, [])
      const crossed = new Set<string>()
      for (const line of await wire.stop()) {
        const [, outer, inner] =
          /(10\.1\.0\.\d+\.\d+ > 10\.1\.0\.\d+)\.6081: .* (192\.168\.1\.\d+ > 192\.168\.1\.\d+): ICMP echo request/.exec(
            line,
          ) ?? []
        if (outer !== undefined) crossed.add(`${outer.replace(/\.\d+ >/, ' >')}: ${inner}`)
      }
      const expected = pairs(hosts).flatMap(([from, others]) =>
        others.map((to) => `${tunnelIpOf(from)} > ${tunnelIpOf(to)}: ${addressOf(from)} > ${addressOf(to)}`),
      )
      t.true(expected.length >= hosts)
      t.deepEqual(
        expected.filter((pair) => !crossed.has(pair)),
        [],
      )

      await box.run('lab', 'down', '--root', box.root)
      t.deepEqual(box.remains(), [])
      t.is(rootLinks(), before)
    },
  )

test.serial('a crash half-way leaves nothing that down does not find', async (t) => {
  const before = rootLinks()
  const box = new Box(t, 3)
  let most = 0
  // Spread over what `up` takes from its first deed on; the moment within each part is left to chance.
  for (let part = 0; part < 6; part++) {
    const up = box.up()
    const ended = once(up, 'exit')
    while (!existsSync(join(box.root, box.name, 'journal')) && up.exitCode === null) await sleep(1)
    const afterMs = Math.round((part + Math.random()) * 250)
    await Promise.race([sleep(afterMs), ended])
    up.kill('SIGKILL')
    await ended
    const remains = box.remains().length
    most = Math.max(most, remains)
    t.log(`killed after ${afterMs} ms: ${remains} remains`)
    await box.run('lab', 'down', '--root', box.root)
    t.deepEqual(box.remains(), [])
  }
  t.true(most > 5)
  await finish(box.up())
  t.deepEqual(await silent(box.lab, 1, [2, 3]), [])
  await box.run('lab', 'down', '--root', box.root)
  t.deepEqual(box.remains(), [])
  t.is(rootLinks(), before)
})
