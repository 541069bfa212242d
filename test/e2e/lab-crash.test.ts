import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import anyTest, { type TestFn } from 'ava'
import { Lab } from '../../src/lab/index.js'
import { makeBridges, ping, place, remainsOf, rootLinks, twoHosts, workloads } from '../lab/cluster.js'

const test = anyTest as TestFn<{ links: string }>
const builder = fileURLToPath(new URL('../lab/build.js', import.meta.url))

test.before((t) => {
  t.context.links = rootLinks()
})
test.after((t) => t.is(rootLinks(), t.context.links))

/** Starts a builder, kills it once its lab has a journal and some time has passed; true where it was cut short. */
async function buildAndKill(name: string, root: string, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [builder, name, root], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  while (!existsSync(join(root, name, 'journal')) && child.exitCode === null) await sleep(1)
  await Promise.race([sleep(afterMs), ended])
  child.kill('SIGKILL')
  const [, signal] = await ended
  return signal === 'SIGKILL'
}

// Spread over a build, which takes about 400 ms; the moment within each slot is left to chance.
for (const [index, journal] of ['whole', 'torn', 'whole', 'lost', 'whole'].entries()) {
  test.serial(`down clears what a killed builder left (${index + 1}, journal ${journal})`, async (t) => {
    const { name, root } = place(t)
    const afterMs = Math.round((index + Math.random()) * 80)
    const cut = await buildAndKill(name, root, afterMs)
    t.log(`killed after ${afterMs} ms: ${cut}, ${remainsOf(name).length} remains`)
    const path = join(root, name, 'journal')
    if (journal === 'torn') appendFileSync(path, '\n{"op":"begin","thing":{"kind":"namesp')
    if (journal === 'lost') rmSync(path)
    const lab = new Lab(name, { root })
    await lab.down()
    t.deepEqual(remainsOf(name), [])
    t.deepEqual(readdirSync(root), [])
  })
}

test.serial('up finishes what a killed builder began', async (t) => {
  const { name, root } = place(t)
  t.true(await buildAndKill(name, root, 200))
  const plan = twoHosts(name)
  const lab = new Lab(name, { root })
  await lab.up(plan)
  await makeBridges(lab)
  await lab.plug(plan, workloads)
  t.true(lab.status().complete)
  await ping(t, lab, 'a', '192.168.1.3')
})

test.serial('a lab that another process builds is not taken down under its hands', async (t) => {
  const { name, root } = place(t)
  const child = spawn(process.execPath, [builder, name, root], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  while (!existsSync(join(root, name, 'journal'))) await sleep(1)
  const lab = new Lab(name, { root })
  await t.throwsAsync(lab.down(), { code: 'busy' })
  t.deepEqual(await ended, [0, null])
  t.true(lab.status().complete)
})
