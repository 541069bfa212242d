import test from 'ava'
import { runCli } from '../support/run-cli.js'
import { serveFake } from '../support/serve-fake.js'

const explanation = {
  cookie: '0x28000000000001',
  table: 40,
  tableName: 'policy',
  rule: 'allow',
  source: { object: 'Policy/usr1/web', file: 'usr1.yaml', line: 12 },
  hosts: ['vm1', 'vm2'],
}

test('a cookie in either notation', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.explanation = explanation
  for (const cookie of ['0x28000000000001', '0x0028000000000001', String(0x28000000000001n)])
    t.deepEqual(await runCli(['explain', cookie, '--socket', socket]), {
      status: 0,
      stdout: `cookie  0x28000000000001
object  Policy/usr1/web
place   usr1.yaml:12
table   policy (40)
rule    allow
hosts   vm1, vm2
`,
      stderr: '',
    })
  const { stdout } = await runCli(['explain', '0x28000000000001', '--json', '--socket', socket])
  t.deepEqual(JSON.parse(stdout), explanation)
})

test('an unknown cookie is answered no', async (t) => {
  const { socket } = await serveFake(t)
  t.deepEqual(await runCli(['explain', '255', '--socket', socket]), {
    status: 1,
    stdout: '',
    stderr: 'error: no flow of this controller has the cookie 0xff\n',
  })
  t.deepEqual(await runCli(['explain', '255', '--json', '--socket', socket]), {
    status: 1,
    stdout: 'null\n',
    stderr: 'error: no flow of this controller has the cookie 0xff\n',
  })
})
