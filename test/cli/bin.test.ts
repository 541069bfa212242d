import { spawnSync } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { temporaryDirectory } from '../support/temporary-directory.js'

const bin = fileURLToPath(new URL('../../../bin/sluice', import.meta.url))

test('the program knows its version', (t) => {
  const { status, stdout } = spawnSync(bin, ['version'], { encoding: 'utf8' })
  t.is(status, 0)
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/)
})

test('before the build it says how to build', async (t) => {
  const directory = await temporaryDirectory(t)
  await mkdir(join(directory, 'bin'))
  const copy = join(directory, 'bin', 'sluice.mjs')
  await copyFile(bin, copy)
  const { status, stdout, stderr } = spawnSync(process.execPath, [copy, 'status'], { encoding: 'utf8' })
  t.is(status, 2)
  t.is(stdout, '')
  t.true(stderr.includes('npm run build'))
})
