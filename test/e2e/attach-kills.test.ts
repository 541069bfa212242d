import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import anyTest, { type TestFn } from 'ava'
import { attach, Database, detach, inParallel, portName, runCommand } from '../../src/attach/index.js'
import { pseudoRandom } from '../ovsdb/support/pseudo-random.js'
import { Containers, ip, remains } from './support/attaching.js'
import { succeed } from './support/open-vswitch.js'
import { program } from './support/programs.js'
import { TestCluster } from './support/test-cluster.js'

const test = anyTest as TestFn<{ cluster: TestCluster }>
const count = 200
const names = Array.from({ length: count }, (_, index) => `k${index}`)
const address = (index: number): string => `10.9.${index >> 6}.${2 + (index & 63)}`

test.before(async (t) => {
  t.context.cluster = await TestCluster.start({
    scenario: 'tenants-gre',
    edit: (cluster) => {
      const network = 'kind: Network\ntenant: usr1\nname: many\nsubnet: 10.9.0.0/16\ngateway: 10.9.255.254\n'
      const workloads = names.map(
        (name, index) =>
          `---\nkind: Workload\ntenant: usr1\nname: ${name}\nnetwork: many\nip: ${address(index)}\n`,
      )
      cluster.write('many.yaml', network + workloads.join(''))
    },
  })
})
test.after.always((t) => t.context.cluster?.stop())

test.serial(
  'commands, databases and namespaces that die leave what the next command can put right',
  async (t) => {
    const { cluster } = t.context
    const host = cluster.lab.host('vm1')
    const seed = Math.floor(Math.random() * 2 ** 32)
    t.log(`seed ${seed}`)
    const dice = pseudoRandom(seed)
    const containers = new Containers(t, cluster.name)
    const namespaces = await Promise.all(names.map((name) => containers.add(`${cluster.name}.${name}`)))
    const ended: Record<string, number> = {}

    const plans = names.map((name, index) => ({
      id: `usr1/${name}`,
      netns: namespaces[index] ?? '',
      // The whole of a command takes some 400 ms here, much of it the start of the process.
      killAfterMs: dice() < 0.4 ? 200 + dice() * 500 : undefined,
      dropAfterMs: dice() < 0.1 ? 200 + dice() * 500 : undefined,
      restart: index % 40 === 20,
      wanted: dice() < 0.6,
    }))
    await inParallel(plans, 3, async ({ id, netns, killAfterMs, dropAfterMs, restart }) => {
      const argv = [process.execPath, program, 'attach', id, '--netns', netns]
      const command = cluster.lab.spawn('vm1', argv, { stdio: 'ignore' })
      const exit = once(command, 'exit')
      const disasters = [
        killAfterMs !== undefined && sleep(killAfterMs).then(() => command.kill('SIGKILL')),
        dropAfterMs !== undefined && sleep(dropAfterMs).then(() => containers.remove(netns)),
        restart && sleep(300).then(() => host.restartOvsdbServer('SIGKILL')),
      ]
      const [[status, signal]] = await Promise.all([exit, ...disasters])
      const how = signal ?? (status === 0 ? 'done' : 'failed')
      ended[how] = (ended[how] ?? 0) + 1
    })
    t.log(JSON.stringify(ended))
    t.true((ended.SIGKILL ?? 0) > 10 && (ended.done ?? 0) > 10, JSON.stringify(ended))

    // What an orchestrator does then: it says again what should be.
    const wanted = plans.filter((plan) => plan.wanted)
    for (const { netns, dropAfterMs } of wanted) if (dropAfterMs !== undefined) await containers.add(netns)
    const run = (argv: readonly string[], input = '') =>
      runCommand(['ip', 'netns', 'exec', host.namespace, ...argv], { input })
    const database = await Database.open(host.database, 10_000)
    try {
      await detach(
        { run, database },
        plans.filter((plan) => !plan.wanted).map(({ id }) => id),
      )
      const attachments = wanted.map(({ id, netns }) => ({
        interface: id,
        bridge: 'br-int',
        plug: { kind: 'veth', netns: `/run/netns/${netns}`, device: 'eth0' } as const,
      }))
      const attached = await attach({ run, database }, attachments, { answerWithinMs: 20_000 })
      t.deepEqual(
        attached.map(({ attachment, facts }) => [attachment.interface, facts.addresses]),
        wanted.map(({ id }) => [id, [`${address(Number(id.slice('usr1/k'.length)))}/16`]]),
      )
    } finally {
      await database.close()
    }

    t.deepEqual(
      await remains(cluster, 'vm1'),
      wanted.flatMap(({ id }) => [`device ${portName(id)}`, `port ${portName(id)}`]).sort(),
    )
    const [first, ...others] = wanted
    if (!first) throw new Error('no workload is wanted')
    for (const { id } of others) {
      const target = address(Number(id.slice('usr1/k'.length)))
      const argv = ['ip', 'netns', 'exec', first.netns, 'ping', '-c', '1', '-w', '10', target]
      t.regex(await succeed(cluster.lab, 'vm1', argv), / 1 received/, id)
    }
    for (const { netns, wanted: isWanted, dropAfterMs } of plans)
      if (!isWanted && dropAfterMs === undefined) t.notRegex(await ip('-n', netns, '-br', 'link'), /eth0/)
  },
)
