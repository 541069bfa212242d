import { join } from 'node:path'
import test from 'ava'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const error = {
  code: 'unknown-field',
  file: 'usr1.yaml',
  line: 3,
  column: 5,
  message: 'there is no field hots',
}

test('errors are printed as compilers print them', async (t) => {
  const directory = await temporaryDirectory(t)
  t.deepEqual(
    await runCli(['check', directory], { checkDirectory: async () => [error, { ...error, line: 7 }] }),
    {
      status: 1,
      stdout:
        'usr1.yaml:3:5: error: there is no field hots [unknown-field]\n' +
        'usr1.yaml:7:5: error: there is no field hots [unknown-field]\n',
      stderr: `${directory}: 2 errors\n`,
    },
  )
})

test('the directory that is named is the one that is checked', async (t) => {
  const directory = await temporaryDirectory(t)
  const checked: string[] = []
  const outcome = await runCli(['check', directory], {
    checkDirectory: (path) => {
      checked.push(path)
      return []
    },
  })
  t.deepEqual(checked, [directory])
  t.deepEqual(outcome, { status: 0, stdout: '', stderr: `${directory}: no errors\n` })
})

test('--json is one value, with and without errors', async (t) => {
  const directory = await temporaryDirectory(t)
  const wrong = await runCli(['check', directory, '--json'], { checkDirectory: () => [error] })
  t.is(wrong.status, 1)
  t.deepEqual(JSON.parse(wrong.stdout), { errors: [error] })
  const right = await runCli(['check', directory, '--json'])
  t.is(right.status, 0)
  t.deepEqual(JSON.parse(right.stdout), { errors: [] })
})

test('a file is no directory', async (t) => {
  const { status, stderr } = await runCli(['check', join(import.meta.dirname, 'check.test.js')])
  t.is(status, 2)
  t.true(stderr.includes('is not a directory'))
})
