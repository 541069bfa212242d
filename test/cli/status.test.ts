import test from 'ava'
import { hostStatus } from '../support/fake-controller.js'
import { runCli } from '../support/run-cli.js'
import { serveFake } from '../support/serve-fake.js'

test('a table of hosts', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.change({
    hosts: [
      hostStatus('vm1', {
        repaired: 1,
        lastRepair: {
          time: '2024-05-01T10:00:00.000Z',
          cause: 'deleted',
          flow: ' table=40, priority=200 actions=drop',
          source: { object: 'Policy/usr1/web', file: 'usr1.yaml', line: 12 },
        },
      }),
      hostStatus('vm2', { flows: 2, version: '1.4' }),
    ],
  })
  t.deepEqual(await runCli(['status', '--socket', socket]), {
    status: 0,
    stdout: `revision 12, converged

HOST  STATE      OPENFLOW  REVISION  FLOWS   REPAIRED
vm1   connected  1.5       12        3       1
vm2   connected  1.4       12        2 of 3  0
vm1: repaired at 2024-05-01T10:00:00.000Z: flow was deleted (Policy/usr1/web, usr1.yaml:12): table=40, priority=200 actions=drop
`,
    stderr: '',
  })
})

test('what is wrong stands above the table', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.change({
    converged: false,
    refused: 'the directory is empty while 2 hosts carry flows',
    errors: [{ code: 'unknown-field', file: 'a.yaml', line: 1, column: 2, message: 'no field x' }],
    warnings: ['iface-id a is on two ports'],
    hosts: [
      hostStatus('vm1', { revision: 11 }),
      {
        name: 'vm2',
        connected: false,
        reason: 'connection refused',
        ovsdb: 'connecting',
        openflow: 'disconnected',
        revision: 0,
        desired: 3,
        flows: 0,
        flowMods: 0,
        repaired: 0,
      },
    ],
  })
  const { status, stdout } = await runCli(['status', '--socket', socket])
  t.is(status, 0)
  t.is(
    stdout,
    `revision 12, not converged: 0 of 2 hosts have revision 12, waiting for vm1 (revision 11), vm2 (connection refused)
refused: the directory is empty while 2 hosts carry flows
a.yaml:1:2: error: no field x [unknown-field]
warning: iface-id a is on two ports

HOST  STATE                              OPENFLOW  REVISION  FLOWS   REPAIRED
vm1   connected                          1.5       11        3       0
vm2   not connected: connection refused  -         0         0 of 3  0
`,
  )
})

test('--json is the status itself', async (t) => {
  const { controller, socket } = await serveFake(t)
  const { status, stdout, stderr } = await runCli(['status', '--json', '--socket', socket])
  t.is(status, 0)
  t.is(stderr, '')
  t.deepEqual(JSON.parse(stdout), controller.current)
})

test('--wait rereads and returns once the hosts have the revision', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.onReread = () => {
    controller.change({ converged: false, revision: 13 })
    setImmediate(() => controller.change({ converged: true }))
  }
  const { status, stdout } = await runCli(['status', '--wait=600', '--socket', socket])
  t.is(status, 0)
  t.true(stdout.startsWith('revision 13, converged\n'))
  t.is(controller.rereads, 1)
})

test('--wait says no when the time is over, and whom it waits for', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.change({ converged: false, hosts: [hostStatus('vm1'), hostStatus('vm2', { revision: 11 })] })
  const { status, stdout, stderr } = await runCli(['status', '--wait=0.05', '--json', '--socket', socket])
  t.is(status, 1)
  t.false(JSON.parse(stdout).converged)
  t.is(
    stderr,
    'error: not converged after 0.05 s: 1 of 2 hosts have revision 12, waiting for vm2 (revision 11)\n',
  )
})

test('on a terminal --wait shows progress, and takes it away again', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.change({ converged: false, hosts: [hostStatus('vm1', { revision: 11 })] })
  const before = controller.statusReads
  const outcome = runCli(['status', '--wait=600', '--socket', socket], { terminal: true })
  while (controller.statusReads < before + 2) await new Promise((resolve) => setImmediate(resolve))
  controller.change({ converged: true, hosts: [hostStatus('vm1')] })
  const { status, stderr } = await outcome
  t.is(status, 0)
  t.true(stderr.endsWith('\r\u001b[K'))
  t.true(stderr.includes('revision 12'))
})

test('colour only on a terminal, and not with NO_COLOR', async (t) => {
  const { socket } = await serveFake(t)
  const args = ['status', '--socket', socket]
  t.true((await runCli(args, { terminal: true })).stdout.includes('\u001b['))
  t.false((await runCli(args)).stdout.includes('\u001b['))
  t.false((await runCli(args, { terminal: true, env: { NO_COLOR: '1' } })).stdout.includes('\u001b['))
})
