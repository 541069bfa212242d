import test from 'ava'
import { difference, flowsByHost, ofctl, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)
test.before(() =>
  until('the outside', async () => (await cluster.ping('usr1-1', '162.105.175.1', 1)).received > 0),
)
const hosts = ['vm1', 'vm2']
const all = () => flowsByHost(cluster.lab, hosts)
const numbers = Array.from({ length: 30 }, (_, n) => n + 30)

/** A workload of usr1, whose address, labels and interface follow from the version. */
const workload = (n: number, version = 0) => `kind: Workload
tenant: usr1
name: w${n}
network: lan
mac: 00:16:3e:00:${(version % 7) + 10}:${n}
ip: 192.168.1.${n + 40 * (version % 4)}
labels: {version: v${version}}
interface: ${version % 3 === 0 ? 'usr1/usr1-2' : `usr1/w${n}`}
`

/** Flows as they come about when there are none to begin with. */
async function fromScratch(): Promise<ReadonlyMap<string, readonly string[]>> {
  await cluster.lab.stopController()
  for (const host of hosts) await ofctl(cluster.lab, host, 'del-flows', 'br-int')
  await cluster.startController()
  await cluster.converge()
  return all()
}

test.serial('thirty files written and deleted at once leave nothing, and disturb nobody', async (t) => {
  const before = await all()
  const ping = await Pinging.start(cluster.lab, 'usr2-1', '192.168.2.3')
  for (const n of numbers) cluster.write(`w${n}.yaml`, workload(n, 1))
  await cluster.converge()
  const changed = difference(before, await all())
  t.true(changed.length >= 3 * numbers.length && changed.every((line) => line.startsWith('+')))
  for (const n of numbers) cluster.remove(`w${n}.yaml`)
  await cluster.converge()
  t.deepEqual(difference(before, await all()), [])
  t.deepEqual((await ping.stop()).lost, [])
})

test.serial('many rapid edits end as the last files do from scratch', async (t) => {
  const { revision } = await cluster.client.status()
  for (let step = 0; step < 300; step++) {
    const n = numbers[(step * 7) % numbers.length] ?? 0
    const file = `w${n}.yaml`
    if (step % 11 === 10 && step < 290) cluster.write(file, workload(n, step).slice(0, 40))
    else cluster.write(file, workload(n, step))
    if (step % 13 === 0) cluster.remove(file)
    if (step % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await cluster.converge()
  const status = await cluster.client.status()
  t.true(status.revision > revision)
  const after = await all()
  t.deepEqual(difference(await fromScratch(), after), [])
  t.deepEqual((await cluster.client.status()).errors, status.errors)
  for (const n of numbers) cluster.write(`w${n}.yaml`, workload(n, 1))
  for (const n of numbers) cluster.remove(`w${n}.yaml`)
  await cluster.converge()
  t.deepEqual(difference(await fromScratch(), await all()), [])
  t.deepEqual(await cluster.ping('usr1-1', '192.168.1.3'), { sent: 3, received: 3 })
})
