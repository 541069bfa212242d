import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../../src/api/client.js'
import { labWorkloads } from '../../src/cli/lab-workloads.js'
import { Lab, labUp, readPlan } from '../../src/lab/index.js'
import { program } from '../e2e/support/programs.js'
import { writeBox } from '../support/one-box.js'
import { ending } from './support/ending.js'
import { figure, report } from './support/report.js'
import { timeAsyncMs } from './support/statistics.js'

/** A lab of fifty hosts, each with a workload of one network: from nothing until all of it is there, and back. */
const hosts = 50
const tunnels = (hosts * (hosts - 1)) / 2
const patienceMs = 120_000

const base = mkdtempSync(join(tmpdir(), 'sluice-'))
const name = `x${randomBytes(4).toString('hex')}`
const root = join(base, 'lab')
const policies = join(base, 'policies')
const socket = join(base, 'sluice.sock')
writeBox(policies, name, hosts)
const lab = new Lab(name, { root })
const client = new Client(socket)

await ending(remove, async () => {
  const up = await timeAsyncMs(() =>
    labUp(readPlan(policies), {
      root,
      controller: { command: [process.execPath, program], policies, socket, args: ['--http', 'none'] },
      fetchWorkloads: () => labWorkloads(client),
      knownWithinMs: patienceMs,
    }),
  )
  const converged = await timeAsyncMs(async () => {
    if (!(await client.wait(patienceMs / 1000)).converged) throw new Error('not converged')
  })
  const probed = await timeAsyncMs(allUp)
  const controllerBytes = residentBytes(lab.status().controller?.pid)
  const switchBytes = lab.status().hosts.map(({ vswitchd }) => residentBytes(vswitchd))
  const down = await timeAsyncMs(() => lab.down())
  report('lab', `${hosts} hosts on one machine`, {
    up: figure(up / 1000, 's'),
    'until converged': figure(converged / 1000, 's'),
    'until all tunnels are up': figure(probed / 1000, 's'),
    down: figure(down / 1000, 's'),
    'memory of the controller': figure(controllerBytes / 1e6, 'MB'),
    'memory of a switch': figure(Math.max(...switchBytes) / 1e6, 'MB'),
  })
})

async function remove(): Promise<void> {
  await lab.down()
  rmSync(base, { recursive: true, force: true })
}

/** Waits until every tunnel has been probed and found up. */
async function allUp(): Promise<void> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(200)) {
    let up = 0
    for await (const { state } of client.get('links')) if (state === 'up') up++
    if (up === tunnels) return
  }
  throw new Error(`not all of ${tunnels} tunnels are up`)
}

/** Bytes of a process that are in memory (proc(5), statm). */
function residentBytes(pid: number | null | undefined): number {
  if (!pid) throw new Error('a process has ended')
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096
}
