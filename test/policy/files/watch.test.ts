import { closeSync, cpSync, mkdirSync, openSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import test from 'ava'
import type { PolicyDirectory, PolicyUpdate } from '../../../src/policy/index.js'
import { documents, Model, network, open, scratch, tenant, workload, write } from '../support.js'

const usr1 = documents(tenant('usr1'), network('usr1', 'lan', '192.168.0.0/16'))

/** A watched directory whose updates build a model; `until` waits for what they say. */
class Watched {
  readonly model = new Model()
  readonly updates: PolicyUpdate[] = []
  #look: () => void = () => undefined

  private constructor(readonly directory: PolicyDirectory) {}

  static async start(t: ExecutionContext, directory: PolicyDirectory): Promise<Watched> {
    const watched = new Watched(directory)
    watched.#take(await directory.load())
    const subscription = directory.watch().subscribe({
      next: (update) => watched.#take(update),
      error: (error: unknown) => t.fail(String(error)),
    })
    t.teardown(() => subscription.unsubscribe())
    await watched.until(() => watched.updates.length > 1)
    return watched
  }

  #take(update: PolicyUpdate): void {
    this.updates.push(update)
    this.model.apply(update.changes)
    this.#look()
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (holds()) resolve()
      }
      this.#look()
    })
  }

  has(id: string): boolean {
    return this.model.rows.has(id)
  }
}

test('files that are written, replaced by rename, and deleted', async (t) => {
  const dir = scratch(t)
  write(dir, { 'a.yaml': usr1 })
  const watched = await Watched.start(t, open(dir))
  write(dir, { 'b.yaml': workload('usr1', 'b') })
  await watched.until(() => watched.has('workload/usr1/b'))
  write(dir, { '.c.yaml.tmp': documents(workload('usr1', 'c')) })
  renameSync(`${dir}/.c.yaml.tmp`, `${dir}/b.yaml`)
  await watched.until(() => watched.has('workload/usr1/c') && !watched.has('workload/usr1/b'))
  unlinkSync(`${dir}/b.yaml`)
  await watched.until(() => !watched.has('workload/usr1/c'))
  t.deepEqual(watched.model.ids(), ['cluster/cluster', 'network/usr1/lan', 'tenant/usr1'])
})

test('an editor that moves the old file away first, and one that writes it in pieces, cut nothing', async (t) => {
  const dir = scratch(t)
  const text = documents(usr1, workload('usr1', 'a'), workload('usr1', 'b'))
  write(dir, { 'a.yaml': text })
  const watched = await Watched.start(t, open(dir, { settleMs: 600_000 }))
  renameSync(`${dir}/a.yaml`, `${dir}/a.yaml~`)
  write(dir, { 'a.yaml': documents(text, workload('usr1', 'c')) })
  await watched.until(() => watched.has('workload/usr1/c'))

  const next = documents(text, workload('usr1', 'c'), workload('usr1', 'd'))
  const file = openSync(`${dir}/a.yaml`, 'w')
  for (let at = 0; at < next.length; at += 40) {
    writeSync(file, next.slice(at, at + 40))
    await new Promise(setImmediate)
  }
  closeSync(file)
  await watched.until(() => watched.has('workload/usr1/d'))
  t.deepEqual(
    watched.updates.flatMap(({ changes }) => changes.filter(({ row }) => row === undefined)),
    [],
  )
})

test('directories that come with files in them, go, and come again', async (t) => {
  const root = scratch(t)
  const dir = `${root}/p`
  const watched = await Watched.start(t, open(dir))
  t.is(watched.updates.at(-1)?.refused, 'empty')
  write(dir, { 'a.yaml': usr1, 'deep/er/b.yaml': workload('usr1', 'b') })
  await watched.until(() => watched.has('workload/usr1/b'))
  t.is(watched.updates.at(-1)?.refused, undefined)
  write(dir, { 'deep/er/c.yaml': workload('usr1', 'c') })
  await watched.until(() => watched.has('workload/usr1/c'))
  rmSync(`${dir}/deep`, { recursive: true })
  await watched.until(() => !watched.has('workload/usr1/b') && !watched.has('workload/usr1/c'))
  mkdirSync(`${root}/staged/er`, { recursive: true })
  write(`${root}/staged`, { 'er/d.yaml': workload('usr1', 'd') })
  renameSync(`${root}/staged`, `${dir}/deep`)
  await watched.until(() => watched.has('workload/usr1/d'))
  write(dir, { 'deep/er/d.yaml': workload('usr1', 'e') })
  await watched.until(() => watched.has('workload/usr1/e') && !watched.has('workload/usr1/d'))
  renameSync(`${dir}/deep`, `${root}/away`)
  await watched.until(() => !watched.has('workload/usr1/e'))
  t.true(watched.has('network/usr1/lan'))
})

test('a directory that is moved away as a whole takes nothing with it', async (t) => {
  const root = scratch(t)
  const dir = `${root}/p`
  write(dir, { 'a.yaml': usr1, 'b.yaml': workload('usr1', 'b'), 'deep/c.yaml': workload('usr1', 'c') })
  const watched = await Watched.start(t, open(dir))
  for (const lose of [
    () => renameSync(dir, `${root}/away`),
    () => {
      cpSync(dir, `${root}/away`, { recursive: true })
      rmSync(dir, { recursive: true })
    },
  ]) {
    lose()
    await watched.until(() => watched.updates.at(-1)?.refused === 'empty')
    t.is((await watched.directory.reread()).refused, 'empty')
    renameSync(`${root}/away`, dir)
    await watched.until(() => watched.updates.at(-1)?.refused === undefined)
    t.deepEqual(
      watched.updates.flatMap(({ changes }) => changes.filter(({ row }) => row === undefined)),
      [],
    )
  }
  rmSync(`${dir}/b.yaml`)
  await watched.until(() => !watched.has('workload/usr1/b'))
  t.true(watched.has('workload/usr1/c'))
})

test('hundreds at once', async (t) => {
  const dir = scratch(t)
  write(dir, { 'a.yaml': usr1 })
  const watched = await Watched.start(t, open(dir))
  const names = Array.from({ length: 300 }, (_, i) => `w${i}`)
  write(dir, Object.fromEntries(names.map((name) => [`${name}.yaml`, workload('usr1', name)])))
  await watched.until(() => names.every((name) => watched.has(`workload/usr1/${name}`)))
  for (const name of names) unlinkSync(`${dir}/${name}.yaml`)
  await watched.until(() => names.every((name) => !watched.has(`workload/usr1/${name}`)))
  t.true(watched.updates.length < 200, 'what arrives together is taken together')
})

test('a broken file that is repaired; writes that change nothing are not told', async (t) => {
  const dir = scratch(t)
  write(dir, { 'a.yaml': usr1 })
  const watched = await Watched.start(t, open(dir))
  write(dir, { 'a.yaml': 'kind: [\n' })
  await watched.until(() => watched.updates.at(-1)?.errors.length === 1)
  t.true(watched.has('tenant/usr1'))
  const count = watched.updates.length
  write(dir, { 'a.yaml': 'kind: [\n', 'b.txt': 'x', 'c.yaml~': 'x' })
  write(dir, { 'z.yaml': tenant('z') })
  await watched.until(() => watched.has('tenant/z'))
  t.is(watched.updates.length, count + 1)
  write(dir, { 'a.yaml': usr1 })
  await watched.until(() => watched.updates.at(-1)?.errors.length === 0)
  t.true(watched.has('tenant/usr1'))
})
