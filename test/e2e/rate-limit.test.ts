/** Scenario S2: a rate for each tenant at the gateway; and limits of single workloads, both ways, with marks. */
import test from 'ava'
import { Goodput } from './support/goodput.js'
import { settled } from './support/settled.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const cluster = await TestCluster.start({ scenario: 'rate-limit' })
cluster.belongTo(test)
const { lab } = cluster
const outside = '162.105.175.1'
const workloads = ['usr1-1', 'usr1-2', 'usr2-1', 'usr2-2']
test.before(() => Promise.all(workloads.map((name) => settled(lab, name))))

/** Megabits per second that reach the outside by TCP from these workloads together, over `seconds`. */
async function outward(from: readonly string[], seconds = 10): Promise<number> {
  const rates = await Promise.all(from.map((name) => Goodput.tcp(lab, name, 'outside', outside, seconds)))
  return rates.reduce((sum, rate) => sum + rate, 0)
}

for (const [senders, limit] of [
  [['usr1-1'], 1],
  [['usr2-2'], 10],
  [['usr1-1', 'usr1-2'], 1],
  [['usr2-1', 'usr2-2'], 10],
] as const)
  test.serial(`${senders.join(' and ')} together get what the tenant may send`, async (t) => {
    let rate = await outward(senders)
    // Each is measured over its own ten seconds: they have to begin together.
    if (senders.length > 1 && rate > 1.02 * limit) rate = await outward(senders)
    t.log(`${rate.toFixed(2)} of ${limit} Mbit/s`)
    t.true(rate >= 0.85 * limit && rate <= 1.02 * limit, `${rate} Mbit/s`)
  })

test.serial('inside the cluster nothing is limited', async (t) => {
  const rate = await Goodput.tcp(lab, 'usr1-1', 'usr1-2', '192.168.1.3', 3)
  t.true(rate > 20, `${rate} Mbit/s`)
})

test.serial(
  'what the switch has is what the file says, also after 20 changes, which lose no packet',
  async (t) => {
    const meters = async () => {
      const argv = ['ovs-ofctl', '-O', 'OpenFlow15', 'dump-meters', 'br-int']
      const { stdout } = await lab.exec('vm1', argv)
      return [...stdout.matchAll(/rate=(\d+) burst_size=(\d+)/g)].map(([, rate, burst]) => `${rate} ${burst}`)
    }
    t.true((await meters()).includes('1000 600'))
    const pinging = await Pinging.start(lab, 'usr1-1', outside)
    for (let change = 1; change <= 20; change++) {
      cluster.edit('usr1.yaml', /^rate: .*$/m, `rate: ${change % 2 === 0 ? 4 : 3}Mbps`)
      await cluster.converge()
    }
    await pinging.answers(20)
    t.deepEqual((await pinging.stop()).lost, [])
    t.true((await meters()).includes('4000 2400'))
    t.false((await meters()).includes('1000 600'))
    const [one, other] = await Promise.all([outward(['usr1-1']), outward(['usr2-1'])])
    t.log(`${one.toFixed(2)} and ${other.toFixed(2)} Mbit/s`)
    t.true(one >= 0.85 * 4 && one <= 1.02 * 4, `${one} Mbit/s`)
    t.true(other >= 0.85 * 10 && other <= 1.02 * 10, `${other} Mbit/s`)
  },
)

test.serial(
  'a controller that starts again changes no meter, and without the file there is none',
  async (t) => {
    const tenantMeters = async () => {
      const { stdout } = await lab.exec('vm1', ['ovs-ofctl', '-O', 'OpenFlow15', 'meter-stats', 'br-int'])
      return [...stdout.matchAll(/meter:(\d+) .*?duration:(\d+)/gs)]
        .filter(([, meter]) => Number(meter) >= 0x4000)
        .map(([, meter, duration]) => ({ meter, seconds: Number(duration) }))
    }
    const before = await tenantMeters()
    t.is(before.length, 2)
    await lab.stopController()
    await cluster.startController()
    await cluster.converge()
    const after = await tenantMeters()
    t.deepEqual(
      after.map(({ meter }) => meter),
      before.map(({ meter }) => meter),
    )
    for (const [index, { seconds }] of after.entries()) t.true(seconds >= (before[index]?.seconds ?? 0))
    cluster.edit('usr1.yaml', /^---\nkind: Bandwidth[\s\S]*$/m, '')
    await cluster.converge()
    t.is((await tenantMeters()).length, 1)
    t.true((await outward(['usr1-1'], 3)) > 20)
  },
)
