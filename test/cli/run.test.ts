import { lstat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { Client } from '../../src/api/client.js'
import { ProgramProcess } from '../support/program-process.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

async function start(t: ExecutionContext, flags: readonly string[] = [], env: Record<string, string> = {}) {
  const socket = join(await temporaryDirectory(t), 'sluice.sock')
  const running = new ProgramProcess(t, ['run', '--socket', socket, '--http', '127.0.0.1:0', ...flags], env)
  return { running, socket }
}

/** What the controller was told, from the log. */
function optionsIn(log: string): unknown {
  const line = log.split('\n').find((each) => each.includes('"started"'))
  return line === undefined ? undefined : JSON.parse(line).options
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`prints ready once it serves, and ends cleanly at ${signal}`, async (t) => {
    const { running, socket } = await start(t)
    await running.printed('stdout', 'ready\n')
    t.is((await new Client(socket).status()).revision, 12)
    running.child.kill(signal)
    t.deepEqual(await running.exited, [0, null])
    t.is(running.stdout, 'ready\n')
    t.true(running.stderr.includes('"closed"'))
    await t.throwsAsync(lstat(socket), { code: 'ENOENT' })
  })

test('ends cleanly before it is ready as well', async (t) => {
  const { running, socket } = await start(t, [], { FAKE_CONTROLLER: 'never-ready' })
  await running.printed('stderr', 'HTTP is served')
  t.is((await new Client(socket).status()).revision, 12)
  running.child.kill('SIGTERM')
  t.deepEqual(await running.exited, [0, null])
  t.is(running.stdout, '')
})

test('SIGHUP rereads the directory', async (t) => {
  const { running } = await start(t)
  await running.printed('stdout', 'ready\n')
  running.child.kill('SIGHUP')
  await running.printed('stderr', '"reread"')
  running.child.kill('SIGTERM')
  t.deepEqual(await running.exited, [0, null])
})

test('the controller gets what the flags say, or the defaults', async (t) => {
  const { running } = await start(t)
  await running.printed('stdout', 'ready\n')
  t.deepEqual(optionsIn(running.stderr), {
    policies: ['policies'],
    state: '/var/lib/sluice',
    openflow: 'tcp:[::]:6653',
    allowEmpty: false,
  })
  const flags = [
    '--policies',
    'a',
    '--policies',
    'b',
    '--state',
    's',
    '--openflow',
    '1.2.3.4:1',
    '--advertise',
    '[fd00::1]:1',
    '--allow-empty',
  ]
  const other = (await start(t, flags)).running
  await other.printed('stdout', 'ready\n')
  t.deepEqual(optionsIn(other.stderr), {
    policies: ['a', 'b'],
    state: 's',
    openflow: 'tcp:1.2.3.4:1',
    allowEmpty: true,
    advertise: 'tcp:[fd00::1]:1',
  })
})

test('a failure ends it with the reason, after closing', async (t) => {
  const { running } = await start(t, [], { FAKE_CONTROLLER: 'fails' })
  t.deepEqual(await running.exited, [1, null])
  t.true(running.stderr.includes('error: the switch is on fire\n'))
  t.true(running.stderr.includes('"closed"'))
})

test('a controller that cannot start says why', async (t) => {
  const { running } = await start(t, ['--log-level', 'silent'], { FAKE_CONTROLLER: 'cannot-start' })
  t.deepEqual(await running.exited, [1, null])
  t.is(running.stderr, 'error: the state directory cannot be written\n')
})

test('a second controller on the same socket does not start', async (t) => {
  const { running, socket } = await start(t)
  await running.printed('stdout', 'ready\n')
  const second = new ProgramProcess(t, ['run', '--socket', socket])
  t.deepEqual(await second.exited, [1, null])
  t.true(second.stderr.includes(socket))
  t.false(second.stderr.includes('"started"'))
  t.is((await new Client(socket).status()).revision, 12)
})

test('an HTTP address that is taken is an error', async (t) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const address = taken.address()
  if (address === null || typeof address === 'string') return t.fail()
  const { running } = await start(t, ['--http', `127.0.0.1:${address.port}`])
  t.deepEqual(await running.exited, [1, null])
  t.true(running.stderr.includes('EADDRINUSE'))
})

test('the log can be for people', async (t) => {
  const { running } = await start(t, ['--log-format', 'pretty'])
  await running.printed('stdout', 'ready\n')
  t.regex(running.stderr, /INFO.*: started/)
  t.false(running.stderr.includes('\u001b['))
})

test('a reader that leaves ends the program quietly', async (t) => {
  const { running, socket } = await start(t)
  await running.printed('stdout', 'ready\n')
  const reader = new ProgramProcess(t, ['flows', '--host', 'vm1', '--socket', socket])
  await reader.printed('stdout', 'priority=5,')
  reader.child.stdout?.destroy()
  t.deepEqual(await reader.exited, [0, null])
  t.is(reader.stderr, '')
})

test('a token file that is empty is wrong usage', async (t) => {
  const file = join(await temporaryDirectory(t), 'token')
  await writeFile(file, '\n')
  const { running } = await start(t, ['--token-file', file])
  t.deepEqual(await running.exited, [2, null])
})
