import { setTimeout as sleep } from 'node:timers/promises'
import type { DummyPort } from './support/dummy-host.js'
import { ending } from './support/ending.js'
import { type Figures, figure, report } from './support/report.js'
import {
  ScaleCluster,
  type Station,
  station,
  tenantDocument,
  workloadDocument,
} from './support/scale-cluster.js'
import { median, quantile, timeAsyncMs } from './support/statistics.js'
import { epochMs, udpFrame, Wire } from './support/wire.js'

/**
 * A controller with real files, real databases and real switches at the size of a small cloud, on one machine: four
 * hosts whose ports are dummies. Ports are there before the clock starts. The other column is OVN 23.03, measured
 * separately on such hosts.
 */
const hosts = 4
const large = 5000
const small = 1000
const rounds = 20

/** A tenant of one host only: no other host may know anything of it. */
const lonely: Station = {
  tenant: 'lonely',
  name: 'hermit',
  mac: '0a:ff:00:00:00:01',
  ip: '10.1.0.1',
  host: 0,
}
/** The workload that comes later, beside the first ones of tenant t0. */
const late: Station = { tenant: 't0', name: 'late', mac: '0a:ff:00:00:00:02', ip: '10.1.0.99', host: 0 }

const results = { ...(await grow()), ...(await restart()) }
table()

/** 5,000 workloads from nothing, then one more. */
async function grow(): Promise<Figures> {
  const stations = Array.from({ length: large }, (_, n) => station(n, hosts))
  const cluster = await ScaleCluster.start(portsOf([...stations, lonely, late]))
  return await ending(
    () => cluster.stop(),
    async () => {
      await cluster.startController()
      await cluster.acknowledged(0)
      const idle = cluster.memory()
      const { revision } = await cluster.client.status()
      await cluster.heldMs()
      const cpuBefore = cluster.cpuSeconds()
      const fromEmpty = await timeAsyncMs(async () => {
        drop(cluster, [...stations, lonely])
        await cluster.acknowledged(revision, ({ hosts: all }) =>
          all.every(({ desired }) => desired > 6 * large),
        )
      })
      const cpu = cluster.cpuSeconds() - cpuBefore
      const held = await cluster.heldMs()
      const memory = cluster.memory()
      const counts = await Promise.all(cluster.hosts.map((host) => host.flowCount()))
      const foreign = await strangers(cluster)
      const { acks, packets } = await oneMore(cluster, stations)
      const rules = await policies(cluster)
      const most = Math.max(...counts)
      const figures = {
        'flows per host': figure(most, '', 'OVN 198,000'),
        'flows per workload': figure(most / large, '', '<= 8, OVN 40'),
        'flows of a tenant on hosts without it': figure(foreign, '', '0'),
        'from empty': figure(fromEmpty / 1000, 's', '< 3 s, OVN 72 s'),
        'processor time of it in the controller': figure(cpu, 's'),
        'one more workload': figure(median(acks), 'ms', '< 20 ms, OVN 1,400 ms'),
        'one more workload p99': figure(quantile(acks, 0.99), 'ms'),
        'first packet': figure(median(packets), 'ms', 'OVN 700 ms'),
        'first rule for every workload': figure(rules.first, 'ms', '< 100 ms, OVN 3,000 ms'),
        'one more rule for every workload': figure(median(rules.forAll), 'ms', '< 100 ms, OVN 3,000 ms'),
        'one rule of one tenant': figure(median(rules.forOne), 'ms', '< 20 ms, OVN 1,070 ms'),
        'flows per rule and host': figure(rules.flows, '', '<= 20, OVN 5,000'),
        'memory of the controller': figure(memory.now, 'MB', '< 500 MB, OVN 470 MB and 370 MB per host'),
        'memory at most': figure(cluster.memory().peak, 'MB'),
        'memory without workloads': figure(idle.now, 'MB'),
        'event loop held at most': figure(held, 'ms', '< 50 ms'),
        'and by one more workload': figure(await cluster.heldMs(), 'ms', '< 50 ms'),
      }
      report('scale', `${hosts} hosts, ${large.toLocaleString('en')} workloads in tenants of ten`, figures)
      return figures
    },
  )
}

/** Milliseconds until every host has acknowledged a rule of a policy, and how many flows of a host one costs. */
async function policies(cluster: ScaleCluster) {
  const rule = (port: number) =>
    `  - {from: [{cidr: 10.0.0.0/8}], ports: [tcp/${port}, udp/${port}], action: deny}\n`
  const list = (count: number) => Array.from({ length: count }, (_, n) => rule(1000 + n)).join('')
  const forAll = (count: number) =>
    `kind: Policy\nname: all\ntier: admin\nselect: {}\ningress:\n${list(count)}`
  const forOne = (count: number) =>
    `kind: Policy\ntenant: t0\nname: one\nselect: {}\ningress:\n  - {}\n${list(count)}`
  const flowsOf = async () => (await cluster.hosts[0]?.flowCount()) ?? 0
  const first = await acknowledgedAfter(cluster, 'all', () => cluster.write('all.yaml', forAll(1)))
  const before = await flowsOf()
  const more: number[] = []
  for (let count = 2; count <= 1 + rounds; count++)
    more.push(await acknowledgedAfter(cluster, 'all', () => cluster.write('all.yaml', forAll(count))))
  const flows = ((await flowsOf()) - before) / rounds
  await acknowledgedAfter(cluster, 'one', () => cluster.write('one.yaml', forOne(1)))
  const one: number[] = []
  for (let count = 2; count <= 1 + rounds; count++)
    one.push(await acknowledgedAfter(cluster, 'one', () => cluster.write('one.yaml', forOne(count))))
  return { first, forAll: more, forOne: one, flows }
}

/** Milliseconds from a change until every host has acknowledged flows of a policy. */
async function acknowledgedAfter(cluster: ScaleCluster, policy: string, change: () => void): Promise<number> {
  const { revision } = await cluster.client.status()
  const waiting = new Set(cluster.hosts.map((_, n) => `h${n}`))
  const events = cluster.client.follow({ policy })
  const first = events.next()
  await sleep(50)
  const start = epochMs()
  change()
  for (let event = await first; !event.done; event = await events.next()) {
    waiting.delete(event.value.flow.host)
    if (waiting.size === 0) break
  }
  const ms = epochMs() - start
  await events.return(undefined)
  await cluster.acknowledged(revision)
  return ms
}

/** Milliseconds until every host has acknowledged one more workload, and until a packet reached it. */
async function oneMore(cluster: ScaleCluster, stations: readonly Station[]) {
  const acks: number[] = []
  const packets: number[] = []
  const wire = wireTo(cluster, stations, late)
  for (let round = 0; round < rounds; round++) {
    wire.start()
    try {
      await sleep(50 + Math.random() * 50)
      const waiting = new Set(cluster.hosts.map((_, n) => `h${n}`))
      const events = cluster.client.follow({ tenant: late.tenant })
      const first = events.next()
      await sleep(50)
      const start = epochMs()
      cluster.write('late.yaml', workloadDocument(late))
      for (let event = await first; !event.done; event = await events.next()) {
        waiting.delete(event.value.flow.host)
        if (waiting.size === 0) break
      }
      acks.push(epochMs() - start)
      await events.return(undefined)
      while (wire.arrivals(start).length === 0) await sleep(5)
      packets.push((wire.arrivals(start)[0] ?? Number.NaN) - start)
    } finally {
      wire.stop()
    }
    const { revision } = await cluster.client.status()
    cluster.remove('late.yaml')
    await cluster.acknowledged(revision)
  }
  return { acks, packets }
}

/** 1,000 workloads; the controller dies and comes again, then a switch. */
async function restart(): Promise<Figures> {
  const stations = Array.from({ length: small }, (_, n) => station(n, hosts))
  const target = stations[hosts]
  if (!target) throw new Error('there are too few workloads')
  const cluster = await ScaleCluster.start(portsOf(stations))
  const wire = wireTo(cluster, stations, target)
  const stop = () => {
    wire.stop()
    return cluster.stop()
  }
  return await ending(stop, async () => {
    await cluster.startController()
    drop(cluster, stations)
    const enough = (count: number) => count > small
    await cluster.acknowledged(0, ({ hosts: all }) => all.every(({ desired }) => enough(desired)))
    wire.start()
    await sleep(500)
    const calm = epochMs()
    await sleep(3000)
    const usual = longestGap(wire.arrivals(calm))

    const killed = epochMs()
    await cluster.killController()
    const start = epochMs()
    await cluster.startController()
    const status = await cluster.acknowledged(0, ({ hosts: all }) => all.every(({ flows }) => enough(flows)))
    const back = epochMs() - start
    await sleep(1000)
    const silence = longestGap([killed, ...wire.arrivals(killed), epochMs()])

    const [host] = cluster.hosts
    if (!host) throw new Error('there is no host')
    const outages: number[] = []
    for (let round = 0; round < 5; round++) {
      const down = epochMs()
      await host.stopSwitch()
      await host.startSwitch()
      const started = epochMs()
      while (wire.arrivals(started).length === 0) await sleep(10)
      outages.push((wire.arrivals(started)[0] ?? Number.NaN) - down)
      await cluster.acknowledged(0)
    }
    const figures = {
      'silence while the controller is restarted': figure(silence, 'ms', '0 ms, OVN 700 ms'),
      'longest gap without a restart': figure(usual, 'ms'),
      'flow-mods after its restart': figure(
        status.hosts.reduce((sum, { flowMods }) => sum + flowMods, 0),
        '',
        '0',
      ),
      'restarted and compared': figure(back / 1000, 's'),
      'vswitchd restarted': figure(median(outages) / 1000, 's', '< 0.3 s, OVN 1.7 s'),
    }
    report('scale-restart', `${hosts} hosts, ${small.toLocaleString('en')} workloads`, figures)
    return figures
  })
}

function portsOf(stations: readonly Station[]): DummyPort[][] {
  return Array.from({ length: hosts }, (_, n) =>
    stations
      .filter(({ host }) => host === n)
      .map(({ tenant, name }) => ({
        name,
        interface: `${tenant}/${name}`,
        captured: name === late.name || name === stations[hosts]?.name,
      })),
  )
}

/** Frames from the first workload, which is on the first host, to one beside it. */
function wireTo(cluster: ScaleCluster, [first]: readonly Station[], to: Station): Wire {
  const [host] = cluster.hosts
  if (!host || !first) throw new Error('there is no host')
  return new Wire(host, first.name, udpFrame(first, to), host.captureOf(to.name))
}

/** One file per tenant. */
function drop(cluster: ScaleCluster, stations: readonly Station[]): void {
  const tenants = new Map<string, Station[]>()
  for (const each of stations) tenants.set(each.tenant, [...(tenants.get(each.tenant) ?? []), each])
  for (const [name, own] of tenants)
    cluster.write(`${name}.yaml`, [tenantDocument(name), ...own.map(workloadDocument)].join('---\n'))
}

/** Count of flows that hosts have of a tenant that they do not run. */
async function strangers(cluster: ScaleCluster): Promise<number> {
  let count = 0
  for (let n = 1; n < hosts; n++)
    for await (const _ of cluster.client.flows({ host: `h${n}`, tenant: lonely.tenant })) count++
  return count
}

function longestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)))
}

function table(): void {
  for (const [name, { value, unit, target }] of Object.entries(results))
    console.log(
      `  ${name.padEnd(42)}${`${value.toLocaleString('en')} ${unit}`.padStart(12)}  ${target ?? ''}`,
    )
}
