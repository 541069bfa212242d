import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { LabError, readPlan } from '../../src/lab/index.js'

const hosts = `kind: Host
name: vm1
ovsdb: tcp:10.9.0.1:6640
tunnelIp: 10.9.0.1
---
kind: Workload
tenant: a
name: one
network: lan
`

/** What is wrong with the lab of these files, with the directory's path left out. */
function findings(t: ExecutionContext, files: Readonly<Record<string, string>>): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-plan-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  const error = t.throws(() => readPlan(directory), { instanceOf: LabError })
  t.is(error.code, 'bad-plan')
  return error.details.map((detail) => detail.replace(`${directory}/`, ''))
}

test('what a lab places has to be there, and once; every finding has its place', (t) => {
  const lab = `kind: Lab
name: lab
place:
  vm1: [a/one, a/two]
  vm2:
    - a/one
outside: {address: 10.8.0.1}
`
  const gateway = 'kind: Gateway\nname: g\nhosts: [vm1, vm3]\nbridge: br-ex\n'
  t.deepEqual(findings(t, { 'hosts.yaml': hosts, 'lab.yaml': `${gateway}---\n${lab}` }), [
    'lab.yaml:12:20: Lab lab: 10.8.0.1 has no valid prefix length, expected ADDRESS/LENGTH',
    'lab.yaml:3:14: Gateway g: no Host vm3',
    'lab.yaml:9:16: Lab lab: place.vm1: no Workload a/two',
    'lab.yaml:11:5: Lab lab: place: no Host vm2',
    'lab.yaml:11:7: Lab lab: a/one is placed on vm1 and on vm2',
  ])
})

test('fields that are missing are said where their document begins, and wrong YAML where it is', (t) => {
  const lab = 'kind: Lab\nname: lab\nplace: {vm1: a/one}\n'
  t.deepEqual(findings(t, { 'all.yaml': `${lab}---\n${hosts.replace('tunnelIp', 'tunnel')}` }), [
    'all.yaml:5:1: Host vm1: tunnelIp is missing or no text',
    'all.yaml:3:14: Lab lab: place.vm1 is not a list of names',
  ])
  t.deepEqual(findings(t, { 'all.yaml': `${lab}outside: "\n` }), ['all.yaml:5:1: Missing closing "quote'])
})
