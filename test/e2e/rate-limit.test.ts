/** Scenario S2: a rate for each tenant at the gateway; and limits of single workloads, both ways, with marks. */
import test from 'ava'
import { Goodput } from './support/goodput.js'
import { settled } from './support/settled.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'rate-limit' })
test.after.always(() => cluster.stop())
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
    const rate = await outward(senders)
    t.log(`${rate.toFixed(2)} of ${limit} Mbit/s`)
    t.true(rate >= 0.85 * limit && rate <= 1.02 * limit, `${rate} Mbit/s`)
  })
