import test from 'ava'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

test('help is an answer, and every command shows an example', async (t) => {
  const help = await runCli(['--help'])
  t.is(help.status, 0)
  const names = [...help.stdout.matchAll(/^ {2}([a-z]+) .*$/gm)]
    .map((match) => match[1])
    .filter((name) => name !== 'help')
  t.deepEqual(names, [
    'run',
    'check',
    'reach',
    'status',
    'get',
    'flows',
    'log',
    'explain',
    'wire',
    'schema',
    'completion',
    'version',
  ])
  for (const name of names) {
    const { status, stdout } = await runCli([String(name), '--help'])
    t.is(status, 0)
    t.regex(stdout, new RegExp(`Examples?:\n  \\$ .*sluice ${name}`), name)
  }
})

test('an unknown command or option is wrong usage, with a suggestion', async (t) => {
  t.deepEqual(await runCli(['statsu']), {
    status: 2,
    stdout: '',
    stderr: "error: unknown command 'statsu'\n(Did you mean status?)\n",
  })
  t.deepEqual(await runCli(['flows', '--hots', 'vm1']), {
    status: 2,
    stdout: '',
    stderr: "error: unknown option '--hots'\n(Did you mean --host?)\n",
  })
})

for (const args of [
  [],
  ['get'],
  ['get', 'a', 'b', 'c'],
  ['explain', 'abc'],
  ['explain', '0x10000000000000000'],
  ['status', '--wait=soon'],
  ['status', '--wait=-1'],
  ['flows', '--format', 'xml'],
  ['flows', '--json', '--format', 'ovs'],
  ['flows', '--rates', '--follow'],
  ['flows', '--rates', '--format', 'ovs'],
  ['completion', 'tcsh'],
  ['wire'],
  ['wire', 'encode', '--version', '1.0', 'actions=drop'],
  ['run', '--log-level', 'loud'],
  ['run', '--http', 'nowhere'],
  ['run', '--http', '0.0.0.0:6680'],
  ['run', '--openflow', 'tcp:10.0.0.300:6653'],
  ['run', '--openflow', 'tcp:127.0.0.1:66530'],
  ['run', '--advertise', 'http://controller'],
  ['run', '--advertise', 'unix:/run/controller'],
  ['check', 'reach', '/nonexistent/policies'],
])
  test(`wrong usage: sluice ${args.join(' ')}`, async (t) => {
    const { status, stdout, stderr } = await runCli(args)
    t.is(status, 2)
    t.is(stdout, '')
    t.not(stderr, '')
  })

test('without a controller: which socket was tried, and what to do', async (t) => {
  const path = `${await temporaryDirectory(t)}/none.sock`
  for (const args of [
    ['status'],
    ['status', '--wait'],
    ['get', 'workloads'],
    ['flows'],
    ['flows', '--follow'],
    ['explain', '1'],
  ]) {
    const { status, stdout, stderr } = await runCli([...args, '--socket', path])
    t.is(status, 3, args.join(' '))
    t.is(stdout, '')
    t.true(stderr.includes(path) && stderr.includes('sluice run') && stderr.includes('--socket'))
  }
})

test('the environment names the socket, unless the option does', async (t) => {
  const env = { SLUICE_SOCKET: '/nonexistent/env.sock' }
  t.true((await runCli(['status'], { env })).stderr.includes('/nonexistent/env.sock'))
  t.true(
    (await runCli(['status', '--socket', '/nonexistent/option.sock'], { env })).stderr.includes(
      '/option.sock',
    ),
  )
  t.true((await runCli(['status', '--socket', '/x/none'], { env: {} })).stderr.includes('/x/none'))
})

test('version', async (t) => {
  t.deepEqual(await runCli(['version']), { status: 0, stdout: '1.2.3\n', stderr: '' })
  t.deepEqual(await runCli(['--version']), { status: 0, stdout: '1.2.3\n', stderr: '' })
  t.deepEqual(JSON.parse((await runCli(['version', '--json'])).stdout), { version: '1.2.3' })
})

test('schema prints the schema', async (t) => {
  const { status, stdout } = await runCli(['schema'], {
    jsonSchema: () => ({ type: 'object', title: 'Sluice' }),
  })
  t.is(status, 0)
  t.deepEqual(JSON.parse(stdout), { type: 'object', title: 'Sluice' })
})
