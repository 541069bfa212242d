/** Scenario S9: rates and marks by class, out and in apart. */
import test from 'ava'
import { capture } from './support/capture.js'
import { Goodput } from './support/goodput.js'
import { settled } from './support/settled.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'traffic-class' })
cluster.belongTo(test)
const { lab } = cluster
const outside = '162.105.175.1'
test.before(() => Promise.all(['a', 'b'].map((name) => settled(lab, name))))

for (const [direction, limits] of [
  ['out', { a: 8, b: 2 }],
  ['in', { a: 4, b: 6 }],
] as const)
  test.serial(`each class has its rate ${direction}, both at once`, async (t) => {
    const names = ['a', 'b'] as const
    const rates = await Promise.all(
      names.map((name) => Goodput.tcp(lab, name, 'outside', outside, 10, direction === 'in' ? ['-R'] : [])),
    )
    for (const [index, name] of names.entries()) {
      const [rate = 0, limit] = [rates[index], limits[name]]
      t.log(`${name}: ${rate.toFixed(2)} of ${limit} Mbit/s`)
      t.true(rate >= 0.85 * limit && rate <= 1.02 * limit, `${name}: ${rate} Mbit/s`)
    }
  })

test.serial('UDP is held to the limit too, and between workloads', async (t) => {
  const rate = await Goodput.udp(lab, 'b', 'a', '10.1.0.2', { seconds: 5, sentMbps: 10 })
  t.true(rate >= 0.85 * 2 && rate <= 1.15 * 2, `${rate} Mbit/s`)
})

test.serial('what limits let pass and drop is counted', async (t) => {
  const { stdout } = await cluster.sluice('get', 'bandwidths', '--json')
  for (const { name, passedPackets, droppedPackets } of JSON.parse(stdout)) {
    t.true(Number(passedPackets) > 100, `${name} ${passedPackets}`)
    t.true(Number(droppedPackets) > 0, `${name} ${droppedPackets}`)
  }
})

test.serial('the mark of the class is on the wire', async (t) => {
  for (const [name, tos] of [
    ['a', '0xb8'],
    ['b', '0x28'],
  ] as const) {
    const sent = await capture(lab, 'outside', 'icmp[icmptype] == icmp-echo', { verbose: true })
    t.deepEqual(await cluster.ping(name, outside), { sent: 3, received: 3 })
    await sent.line(/tos 0x/)
    const headers = (await sent.stop()).filter((text) => text.includes('tos '))
    for (const header of headers) t.true(header.includes(`tos ${tos},`), header)
  }
})

test.serial('a workload that changes its class changes its rate and mark', async (t) => {
  cluster.edit('shop.yaml', 'class: bronze', 'class: gold')
  await cluster.converge()
  const rate = await Goodput.tcp(lab, 'b', 'outside', outside, 5)
  t.true(rate > 0.85 * 8, `${rate} Mbit/s`)
  const flows = await cluster.flows('vm2', 'limit-out')
  const limits = flows.filter(({ rule }) => rule === 'limit of a workload')
  t.deepEqual(
    [...new Set(limits.map(({ source }) => `${source?.object} ${source?.file?.split('/').pop()}`))],
    ['bandwidth/shop/gold-out classes.yaml'],
  )
})
