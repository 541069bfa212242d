import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { reachOfDirectory } from '../../src/reach.js'
import { runCli } from '../support/run-cli.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const text = `kind: Tenant
name: a
---
{kind: Network, tenant: a, name: lan, subnet: 10.1.0.0/24}
---
{kind: Workload, tenant: a, name: web, network: lan, ip: 10.1.0.2, labels: {role: web}}
---
{kind: Workload, tenant: a, name: db, network: lan, ip: 10.1.0.3}
---
kind: Policy
tenant: a
name: web
select: {role: web}
ingress:
  - from: [{select: {}}]
    ports: [tcp/80]
  - action: reject
    ports: [tcp/22]
`

test('a table for people', async (t) => {
  const directory = await temporaryDirectory(t)
  writeFileSync(join(directory, 'a.yaml'), text)
  const { status, stdout } = await runCli(['reach', directory, '--to', 'a/web'], { reachOfDirectory })
  t.is(status, 0)
  const rest = 'tcp/0-21,tcp/23-79,tcp/81-65535,udp,sctp,icmp,other'
  const row = (from: string, ports: string, verdict: string, by: string) =>
    `${from.padEnd(9)}a/web  v4  ${ports.padEnd(rest.length + 2)}${verdict.padEnd(10)}${by}`
  t.deepEqual(stdout.replaceAll(`${directory}/`, '').split('\n'), [
    row('FROM', 'PORTS', 'VERDICT', 'BY').replace('a/web  v4', 'TO     IP'),
    row('a/db', rest, 'denied', 'a.yaml:10 (policy/a/web no rule for ingress)'),
    row('a/db', 'tcp/22', 'rejected', 'a.yaml:17 (policy/a/web ingress 1)'),
    row('a/db', 'tcp/80', 'allowed', 'a.yaml:15 (policy/a/web ingress 0)'),
    row('outside', 'any', 'denied', 'no-way-in'),
    '',
  ])
})

test('JSON has every field', async (t) => {
  const directory = await temporaryDirectory(t)
  writeFileSync(join(directory, 'a.yaml'), text)
  const { status, stdout } = await runCli(['reach', directory, '--from', 'a/db', '--to', 'a/web', '--json'], {
    reachOfDirectory,
  })
  t.is(status, 0)
  const ends = { from: 'a/db', to: 'a/web', version: 4 }
  const policy = { direction: 'ingress', object: 'policy/a/web', file: join(directory, 'a.yaml') }
  t.deepEqual(JSON.parse(stdout), [
    {
      ...ends,
      ports: ['tcp/0-21', 'tcp/23-79', 'tcp/81-65535', 'udp', 'sctp', 'icmp', 'other'],
      allowed: false,
      by: [{ reason: 'isolation', ...policy, verdict: 'deny', line: 10, column: 1 }],
    },
    {
      ...ends,
      ports: ['tcp/22'],
      allowed: false,
      by: [{ reason: 'rule', ...policy, verdict: 'reject', index: 1, line: 17, column: 5 }],
    },
    {
      ...ends,
      ports: ['tcp/80'],
      allowed: true,
      by: [{ reason: 'rule', ...policy, verdict: 'allow', index: 0, line: 15, column: 5 }],
    },
  ])
})

test('errors of the directory are the answer', async (t) => {
  const directory = await temporaryDirectory(t)
  writeFileSync(join(directory, 'a.yaml'), 'kind: Tenant\nname: A\n')
  const { status, stdout, stderr } = await runCli(['reach', directory], { reachOfDirectory })
  t.is(status, 1)
  t.is(stdout, '')
  t.regex(stderr, /a\.yaml:2:7: error: name A is not a name.*\[bad-name\]\n$/)
})

test('a workload that does not exist, a directory that does not exist', async (t) => {
  const directory = await temporaryDirectory(t)
  writeFileSync(join(directory, 'a.yaml'), text)
  t.deepEqual(await runCli(['reach', directory, '--from', 'a/none'], { reachOfDirectory }), {
    status: 1,
    stdout: '',
    stderr: 'error: workload a/none does not exist\n',
  })
  const gone = await runCli(['reach', join(directory, 'gone')], { reachOfDirectory })
  t.is(gone.status, 2)
})
