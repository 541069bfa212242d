import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'
import { Command } from 'commander'
import { runCli } from '../support/run-cli.js'

const execute = promisify(execFile)
const lab = () => [
  new Command('lab').addCommand(new Command('up').option('--root <dir>', "the lab's directory")),
]

async function script(shell: string): Promise<string> {
  const { status, stdout } = await runCli(['completion', shell], { further: lab() })
  if (status !== 0) throw new Error(`sluice completion ${shell} ended with ${status}`)
  return stdout
}

/** What bash offers for the last of the words. */
async function complete(...words: string[]): Promise<string[]> {
  const line = words.map((word) => `'${word}'`).join(' ')
  const text = `${await script('bash')}
COMP_WORDS=(sluice ${line}); COMP_CWORD=${words.length}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await execute('bash', ['--norc', '-u', '-c', text])
  return stdout.split('\n').filter((word) => word !== '')
}

test('bash accepts the script', async (t) => {
  const { stderr } = await execute('bash', ['-n', '-c', await script('bash')])
  t.is(stderr, '')
})

test('bash completes commands, also of commands', async (t) => {
  t.deepEqual(await complete('s'), ['status', 'schema'])
  t.deepEqual(await complete('lab', ''), ['up'])
  t.deepEqual(await complete('completion', ''), ['bash', 'zsh', 'fish'])
})

test('bash completes options of the command, and their values', async (t) => {
  t.deepEqual(await complete('status', '--'), ['--wait', '--json', '--socket', '--help'])
  t.deepEqual(await complete('flows', '--host', 'vm1', '--fo'), ['--follow', '--format'])
  t.deepEqual(await complete('flows', '--format', ''), ['explained', 'ovs', 'json'])
  t.deepEqual(await complete('flows', '--format', '=', 'o'), ['ovs'])
  t.deepEqual(await complete('lab', 'up', '--r'), ['--root'])
  t.deepEqual(await complete('flows', '--host', ''), [])
})

test('the scripts for zsh and fish name every command and quote descriptions', async (t) => {
  const zsh = await script('zsh')
  t.true(zsh.startsWith('#compdef sluice\n'))
  const fish = await script('fish')
  for (const name of [
    'run',
    'check',
    'status',
    'get',
    'flows',
    'explain',
    'schema',
    'completion',
    'version',
    'lab',
  ]) {
    t.true(zsh.includes(`'${name}:`), name)
    t.regex(fish, new RegExp(`-a '${name}'`), name)
  }
  t.true(zsh.includes("the lab'\\''s directory"))
  t.true(fish.includes("the lab\\'s directory"))
})
