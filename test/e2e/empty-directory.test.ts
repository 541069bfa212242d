import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { difference, FlowWatch, flowsByHost, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

// Hosts and what they need in one directory, tenants in another: either can be empty.
const base = mkdtempSync(join(tmpdir(), 'sluice-'))
const tenants = join(base, 'tenants')
mkdirSync(tenants)
const args = ['--policies', tenants]
const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
test.after.always(async () => {
  await cluster.stop()
  rmSync(base, { recursive: true })
})
test.before(async () => {
  await until('the outside', async () => (await cluster.ping('usr1-1', '162.105.175.1', 1)).received > 0)
  await cluster.lab.stopController()
  for (const file of ['usr1.yaml', 'usr2.yaml'])
    renameSync(join(cluster.directory, file), join(tenants, file))
  await cluster.startController(args)
  await cluster.converge()
})
const hosts = ['vm1', 'vm2']
const all = () => flowsByHost(cluster.lab, hosts)

for (const [name, directory, remains] of [
  ['the tenants', tenants, true],
  ['the hosts', cluster.directory, true],
  ['the tenants', tenants, false],
] as const)
  test.serial(
    `a directory with ${name} that is ${remains ? 'empty' : 'missing'} at the start: refused, flows stay`,
    async (t) => {
      const kept = join(base, 'kept')
      const before = await all()
      const ping = await Pinging.start(cluster.lab, 'usr1-1', '192.168.1.3')
      const watches = await Promise.all(hosts.map((host) => FlowWatch.start(cluster.lab, host)))
      await cluster.lab.stopController()
      cpSync(directory, kept, { recursive: true })
      rmSync(directory, { recursive: true })
      if (remains) mkdirSync(directory)
      await cluster.startController(args)
      const { status, stdout } = await cluster.sluice('status')
      t.is(status, 0)
      t.regex(stdout, /refused: a policy directory is empty or missing; .*--allow-empty/)
      t.regex(cluster.log, /a policy directory is empty or missing/)
      await ping.answers(50)
      t.deepEqual(difference(before, await all()), [])

      // The files come back: the same flows stand for them.
      renameOver(kept, directory)
      await until('the refusal to end', async () => (await cluster.client.status()).refused === undefined)
      await cluster.converge()
      t.is((await cluster.client.status()).hosts.length, 2)
      await ping.answers(50)
      t.deepEqual((await ping.stop()).lost, [])
      t.deepEqual(await Promise.all(watches.map((watch) => watch.stop())), [[], []])
      t.deepEqual(difference(before, await all()), [])
    },
  )

function renameOver(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  renameSync(from, to)
}

test.serial('an empty directory is taken at its word with --allow-empty', async (t) => {
  await cluster.lab.stopController()
  const kept = join(base, 'kept')
  cpSync(tenants, kept, { recursive: true })
  for (const file of ['usr1.yaml', 'usr2.yaml']) rmSync(join(tenants, file))
  await cluster.startController([...args, '--allow-empty'])
  await cluster.converge()
  t.is((await cluster.client.status()).refused, undefined)
  t.false([...(await all()).values()].flat().some((flow) => /192\.168\.[12]\./.test(flow)))
  renameOver(kept, tenants)
  await cluster.converge()
  await until('usr1-2', async () => (await cluster.ping('usr1-1', '192.168.1.3')).received === 3)
})
