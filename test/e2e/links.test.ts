import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { LinkView } from '../../src/api/link-view.js'
import { lldpFrame } from '../../src/frames/lldp.js'
import { send } from './support/frames.js'
import { succeed, until } from './support/open-vswitch.js'
import { Program } from './support/program.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'links' })
cluster.belongTo(test)
const { lab } = cluster

/** A second, and what a busy machine and the asking may add. */
const secondMs = 1500

async function links(...args: readonly string[]): Promise<readonly LinkView[]> {
  return JSON.parse((await cluster.sluice('get', 'links', ...args, '--json')).stdout)
}

/** The links that are in a state, by name, as the controller's API says. */
async function inState(state: LinkView['state']): Promise<readonly string[]> {
  const names: string[] = []
  for await (const link of cluster.client.get('links')) if (link.state === state) names.push(link.name)
  return names.sort()
}

async function untilState(state: LinkView['state'], expected: readonly string[]): Promise<number> {
  const start = performance.now()
  await until(
    `${state}: ${expected.join(' ')}`,
    async () => (await inState(state)).join() === expected.join(),
  )
  return performance.now() - start
}

const everything = [
  ...['campus@vm1', 'campus@vm2', 'vm1~vm2', 'vm1~vm3', 'vm1~vm4', 'vm2~vm3', 'vm2~vm4', 'vm3~vm4'],
]

test.serial(
  'each tunnel and uplink is listed with both ends, encapsulation, BFD and when it was last seen',
  async (t) => {
    await untilState('up', everything)
    let found: readonly LinkView[] = []
    await until('BFD', async () => {
      found = await links()
      return found.every(({ bfd = {} }) => Object.values(bfd).every((state) => state === 'up'))
    })
    t.deepEqual(found.map(({ name }) => name).sort(), everything)
    const tunnel = found.find(({ name }) => name === 'vm1~vm3')
    t.like(tunnel, {
      ...{ kind: 'Link', type: 'tunnel', state: 'up', encapsulation: 'gre', bfd: { vm1: 'up', vm3: 'up' } },
      ends: [
        { host: 'vm1', address: '162.105.175.60' },
        { host: 'vm3', address: '162.105.175.62' },
      ],
    })
    t.true((tunnel?.silentMs ?? Number.NaN) < secondMs)
    t.is(found.find(({ name }) => name === 'vm3~vm4')?.bfd, undefined)
    t.like(
      found.find(({ name }) => name === 'campus@vm2'),
      {
        ...{ type: 'uplink', state: 'up', encapsulation: 'none', passesLldp: true, neighbours: [] },
        ends: [{ host: 'vm2', bridge: 'br-ex', devices: ['up-br-ex'] }, { address: '162.105.175.1' }],
      },
    )
    const { stdout } = await cluster.sluice('get', 'links')
    t.regex(
      stdout,
      /^vm1~vm3 +tunnel +up +vm1 162\.105\.175\.60 +vm3 162\.105\.175\.62 +gre +up +\d\.\d s ago +-$/m,
    )
    t.deepEqual((await links('vm4')).map(({ name }) => name).sort(), ['vm1~vm4', 'vm2~vm4', 'vm3~vm4'])
  },
)

for (const [name, cut, mend, down] of [
  [
    'the underlay of a host',
    () => lab.host('vm3').cutUnderlay(),
    () => lab.host('vm3').joinUnderlay(),
    ['vm1~vm3', 'vm2~vm3', 'vm3~vm4'],
  ],
  [
    'the uplink of a gateway’s host',
    () => lab.host('vm2').cutUplink('br-ex'),
    () => lab.host('vm2').joinUplink('br-ex'),
    ['campus@vm2'],
  ],
  [
    'the next hop',
    () => succeed(lab, 'outside', ['ip', 'link', 'set', 'eth0', 'down']),
    () => succeed(lab, 'outside', ['ip', 'link', 'set', 'eth0', 'up']),
    ['campus@vm1', 'campus@vm2'],
  ],
] as const)
  test.serial(`a cut shows within a second: ${name}`, async (t) => {
    await untilState('up', everything)
    await cut()
    const ms = await untilState('down', down)
    t.log(`${Math.round(ms)} ms`)
    t.true(ms < secondMs, `${ms}`)
    await mend()
    await untilState('up', everything)
    for (const link of down) {
      t.regex(cluster.log, new RegExp(`"level":40.*"link":"${link}".*"link down"`))
      t.regex(cluster.log, new RegExp(`"level":30.*"link":"${link}".*"link up"`))
    }
  })

/** Waits until the neighbours of an uplink are these, and says all that is told of them. */
async function neighbours(t: ExecutionContext, uplink: string, chassis: readonly string[]) {
  let found: LinkView['neighbours'] = []
  await until(`${chassis.join(' ') || 'nobody'} at ${uplink}`, async () => {
    found = (await links(uplink))[0]?.neighbours ?? []
    return found.map((each) => each.chassis).join() === chassis.join()
  })
  t.is(found.length, chassis.length)
  return found
}

test.serial('a station outside that runs lldpd is reported, and gone when it ends', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-lldpd-'))
  chmodSync(directory, 0o755)
  const mac = (await succeed(lab, 'outside', ['cat', '/sys/class/net/eth0/address'])).trim()
  const argv = ['lldpd', '-d', '-I', 'eth0', '-S', 'a test of sluice', '-u', join(directory, 'socket')]
  const lldpd = await Program.start(lab, 'outside', argv, /resume operations/)
  try {
    for (const uplink of ['campus@vm1', 'campus@vm2']) {
      const [neighbour] = await neighbours(t, uplink, [mac])
      t.like(neighbour, { port: mac, portDescription: 'eth0', systemDescription: 'a test of sluice' })
      t.true(neighbour?.managementAddresses.includes('162.105.175.1'))
      t.true((neighbour?.ttlSeconds ?? 0) > 60)
      t.true((neighbour?.systemName ?? '').length > 0)
    }
    t.regex((await cluster.sluice('get', 'links')).stdout, new RegExp(`lldp +heard +vm1 .*${mac}`))
  } finally {
    await lldpd.stop('SIGTERM')
    rmSync(directory, { recursive: true, force: true })
  }
  for (const uplink of ['campus@vm1', 'campus@vm2']) await neighbours(t, uplink, [])
  t.regex(cluster.log, /"neighbour outside found"/)
  t.regex(cluster.log, /"neighbour outside gone"/)
})

test.serial(
  'a neighbour that falls silent is gone when its time is over; what cannot be read is counted',
  async (t) => {
    const macs = { destination: '01:80:c2:00:00:0e', source: '52:54:00:00:00:01' }
    const whole = lldpFrame(macs, { chassis: 'sw7', port: 'p1', ttlSeconds: 6 })
    const torn = Buffer.concat([whole.subarray(0, 20), Buffer.alloc(40, 0xff)])
    await send(lab, 'outside', [torn, whole])
    const [neighbour] = await neighbours(t, 'campus@vm1', ['sw7'])
    t.like(neighbour, { port: 'p1', managementAddresses: [] })
    await neighbours(t, 'campus@vm1', [])
    t.regex(cluster.log, /LLDP frame cannot be read/)
    t.regex(cluster.log, /"chassis":"sw7".*"reason":"not heard in time"/)
  },
)

test.serial('LLDP of workloads goes nowhere', async (t) => {
  const macs = { destination: '01:80:c2:00:00:0e', source: '52:54:00:00:00:01' }
  await send(lab, 'usr1-1', [lldpFrame(macs, { chassis: 'liar', port: 'p1', ttlSeconds: 100 })])
  await send(lab, 'outside', [lldpFrame(macs, { chassis: 'honest', port: 'p1', ttlSeconds: 6 })])
  await neighbours(t, 'campus@vm1', ['honest'])
  await untilState('up', everything)
})
