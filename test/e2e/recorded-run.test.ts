import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { decodeMessage, encodeMessage, formatMessage, type Version } from '../../src/openflow/index.js'
import { versions } from '../support/sample-messages.js'
import { difference, flowsByHost, ofctl, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'

const run = promisify(execFile)
const base = mkdtempSync(join(tmpdir(), 'sluice-'))
const record = join(base, 'record')
const cluster = await TestCluster.start({ scenario: 'tenants-gre', args: ['--record', record] })
test.after.always(async () => {
  await cluster.stop()
  rmSync(base, { recursive: true })
})

interface Recorded {
  readonly bytes: Buffer
  readonly version: Version
}

/** The messages of the record. A hello may be of a version that the other side does not speak: it has its own number. */
function messages(): readonly Recorded[] {
  return readFileSync(record, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const bytes = Buffer.from(line, 'hex')
      return { bytes, version: versions.find((version) => version === bytes[0]) ?? 6 }
    })
}

/** A life of a cluster: workloads come and go, a flow is meddled with, packets go outside, the controller starts again. */
test.before(async () => {
  const before = await flowsByHost(cluster.lab, ['vm1', 'vm2'])
  await until('the outside', async () => (await cluster.ping('usr1-1', '162.105.175.1', 1)).received > 0)
  await cluster.ping('usr2-2', '162.105.175.250')
  cluster.write('more.yaml', 'kind: Workload\ntenant: usr1\nname: more\nnetwork: lan\nip: 192.168.1.50\n')
  await cluster.converge()
  await ofctl(cluster.lab, 'vm1', 'del-flows', 'br-int', 'table=20')
  await ofctl(cluster.lab, 'vm2', 'mod-flows', 'br-int', 'table=60,actions=drop')
  cluster.remove('more.yaml')
  await cluster.converge()
  await cluster.sluice('flows')
  await cluster.lab.stopController()
  await ofctl(cluster.lab, 'vm2', 'add-flow', 'br-int', 'table=20,priority=7,actions=drop')
  await cluster.startController()
  await cluster.converge()
  await until('the same flows', async () => {
    const changes = difference(before, await flowsByHost(cluster.lab, ['vm1', 'vm2']))
    return changes.every((line) => line.includes('table=86'))
  })
  // So that the record is whole.
  await cluster.lab.stopController()
})

test.serial('no switch has refused anything, and nothing could not be decoded', (t) => {
  const types = new Set(messages().map(({ bytes, version }) => decodeMessage(bytes, version).type))
  t.false(types.has('error'))
  for (const type of [
    'hello',
    'flowDescReply',
    'flowMonitorReply',
    'packetIn2',
    'packetOut',
    'meterMod',
  ] as const)
    t.true(types.has(type), type)
  t.notRegex(cluster.log, /switch reports an error|could not be decoded|starting over/)
})

test.serial('every message is what its decoded form encodes to', (t) => {
  for (const { bytes, version } of messages())
    t.is(encodeMessage(decodeMessage(bytes, version), version).toString('hex'), bytes.toString('hex'))
})

test.serial('every message prints as ovs-ofctl prints it', async (t) => {
  const file = join(base, 'stream')
  const recorded = messages()
  writeFileSync(file, Buffer.concat(recorded.map(({ bytes }) => bytes)))
  const { stdout } = await run('ovs-ofctl', ['--no-names', 'ofp-parse', file], { maxBuffer: 1 << 28 })
  const ours = recorded.map(({ bytes, version }) => formatMessage(decodeMessage(bytes, version), version))
  t.true(recorded.length > 300)
  t.deepEqual(ours.join('').split('\n'), stdout.split('\n'))
})
