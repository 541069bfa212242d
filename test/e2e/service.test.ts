/** Services: virtual addresses that workloads on two hosts answer, with packets. */
import test from 'ava'
import { greeter, type Visit, visit } from './support/greeter.js'
import { ofctl, succeed, until } from './support/open-vswitch.js'
import type { Program } from './support/program.js'
import { settled } from './support/settled.js'
import { attempt, datagram, dial, echo, refusal, transfer, udpEcho } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'
import { noneWaits } from './support/waiting.js'

const cluster = await TestCluster.start({
  scenario: 'services',
  edit: (files) => files.edit('services.yaml', 'tcp/8080:80]', 'tcp/8080:80, udp/9000, udp/9001:9000]'),
})
cluster.belongTo(test)
const { lab } = cluster
const web = '192.168.1.80'
const web6 = '2001:db8:1::80'
const any = '10.96.0.10'
const echoPort = 9000

/** Who answered, each once, sorted. */
const names = (heard: readonly string[]) => [...new Set(heard.map((line) => line.split(' ')[0]))].sort()
const ask = (from: string, what: Partial<Visit> = {}) =>
  visit(lab, from, { host: web, port: 80, count: 20, ...what })

/** Changes a file and waits until both hosts have what follows. */
async function change(file: string, from: string | RegExp, to: string): Promise<void> {
  cluster.edit(file, from, to)
  await cluster.converge()
}

/** Waits until new connections of the client get these backends: megaflows follow changed flows a moment later. */
async function answered(...backends: readonly string[]): Promise<void> {
  const wanted = backends.join()
  await until(`answers of ${wanted}`, async () => names(await ask('client')).join() === wanted, 30)
}

/** A connection to a service, with the backend that greeted it. */
async function connected(from: string): Promise<{ readonly client: Program; readonly backend: string }> {
  const client = await dial(lab, from, web, 80)
  const [backend = ''] = (await client.line(/^web/)).split(' ')
  return { client, backend }
}

/** The label of a workload that makes it a backend. */
const labels = (name: string) => new RegExp(`(name: ${name}\\n(?:.*\\n)*?labels: \\{role: )\\w+`)

const servers: Program[] = []
test.after.always(async () => {
  await Promise.all(servers.map((server) => server.stop()))
})

test.before(async () => {
  await Promise.all(['web1', 'web2', 'client', 'guest'].map((name) => settled(lab, name)))
  for (const name of ['web1', 'web2', 'usr2/other']) servers.push(await greeter(lab, name, 80, 53))
  for (const name of ['web1', 'web2']) servers.push(await echo(lab, name, echoPort))
  await until('the tunnel', async () => (await cluster.ping('client', '192.168.1.3', 1)).received === 1)
})

test.serial('connections are spread over backends of both hosts, which see the client', async (t) => {
  for (const host of [web, web6]) {
    const six = host.includes(':')
    const heard = await ask('client', { host })
    t.deepEqual(names(heard), ['web1', 'web2'], heard.join())
    const seen = new Set(heard.map((line) => line.split(' ')[1]))
    t.deepEqual([...seen], [six ? '2001:db8:1::10' : '192.168.1.10'])
    t.deepEqual(names(await ask('guest', { host })), ['web1', 'web2'], 'from another network')
  }
  t.deepEqual(names(await ask('client', { port: 8080 })), ['web1', 'web2'], 'another port of the backends')
})

test.serial('datagrams too; sockets that hear the service only hear its answers', async (t) => {
  for (const host of [web, web6])
    t.deepEqual(names(await ask('client', { host, port: 53, protocol: 'udp' })), ['web1', 'web2'])
})

test.serial('a transfer stays with its backend and arrives intact', async (t) => {
  for (const from of ['client', 'guest'])
    t.deepEqual(await transfer(lab, from, any, echoPort, 1 << 20), { received: 1 << 20, intact: true })
})

test.serial('datagrams in fragments arrive, the first of a connection too', async (t) => {
  const echoes = await Promise.all(['web1', 'web2'].map((name) => udpEcho(lab, name, echoPort)))
  try {
    for (const from of ['client', 'guest']) {
      t.is(await datagram(lab, from, any, echoPort, 4000, 10_000), 'intact', from)
      for (const host of [web, web6]) {
        for (const port of [echoPort, echoPort + 1])
          for (const bytes of [4000, 10_000])
            t.is(await datagram(lab, from, host, port, bytes, 10_000), 'intact', `${from} ${host} ${port}`)
        t.is(
          await datagram(lab, from, host, echoPort + 2, 4000, 500),
          'silence',
          'a port that it does not have',
        )
      }
    }
    for (const at of ['vm1', 'vm2']) await noneWaits(lab, at)
  } finally {
    await Promise.all(echoes.map((server) => server.stop()))
  }
})

test.serial('affinity: everything from a client goes to one backend, by whatever port', async (t) => {
  for (const from of ['client', 'guest']) {
    const [first, second] = names([
      ...(await ask(from, { host: any })),
      ...(await ask(from, { host: any, port: 53, protocol: 'udp' })),
    ])
    t.regex(first ?? '', /^web[12]$/)
    t.is(second, undefined)
  }
})

test.serial('a backend that asks its own service is answered, also by itself', async (t) => {
  for (const host of [web, web6]) {
    const heard = await ask('web1', { host })
    t.deepEqual(names(heard), ['web1', 'web2'], heard.join())
    t.true(heard.includes(`web1 ${host}`), 'who asks itself sees the service')
    const datagrams = await ask('web1', { host, port: 53, protocol: 'udp' })
    t.deepEqual(names(datagrams), ['web1', 'web2'], datagrams.join())
  }
})

test.serial('what the service does not have is refused, and it answers pings', async (t) => {
  for (const host of [web, web6]) {
    t.is(await attempt(lab, 'client', host, 81, 5000), 'ECONNREFUSED')
    t.is(await refusal(lab, 'client', host, 54, 5000), 'ECONNREFUSED')
    t.is((await cluster.ping('client', host)).received, 3)
    t.is((await cluster.ping('guest', host)).received, 3)
  }
  for (const from of ['client', 'guest'])
    t.is(
      await refusal(lab, from, any, 54, 5000),
      'ECONNREFUSED',
      'an error of the backend, in the name of the service',
    )
})

test.serial('tenants with the same addresses stay apart', async (t) => {
  t.deepEqual(names(await ask('usr2/q1')), ['usr2/other'])
  t.deepEqual(names(await ask('client')), ['web1', 'web2'])
})

test.serial('a tenant that peers asks it too, for as long as both say so', async (t) => {
  for (const host of [web, any]) {
    const heard = await ask('partner', { host })
    t.true(
      heard.every((line) => /^web[12] 192\.168\.3\.2$/.test(line)),
      heard.join(),
    )
  }
  t.deepEqual(names(await ask('partner', { port: 53, protocol: 'udp' })), ['web1', 'web2'])
  await change('usr3.yaml', 'peer: usr1', 'peer: usr2')
  await until('the end of it', async () => {
    const [answer] = await ask('partner', { count: 1, patienceMs: 500 })
    return answer !== undefined && !answer.startsWith('web')
  })
  await change('usr3.yaml', 'peer: usr2', 'peer: usr1')
  await until('the peering', async () => names(await ask('partner')).join() === 'web1,web2')
})

test.serial('policy: ingress sees the client, egress sees the backend', async (t) => {
  cluster.write(
    'policy.yaml',
    `{kind: Policy, tenant: usr1, name: only-clients, select: {role: web},
      ingress: [{from: [{select: {role: client}}, {select: {role: web}}], ports: [tcp/80]}]}`,
  )
  await cluster.converge()
  t.deepEqual(names(await ask('client')), ['web1', 'web2'])
  t.deepEqual(names(await ask('web1')), ['web1', 'web2'], 'who asks itself comes with its own labels')
  const drops = await cluster.drops(async () => {
    t.deepEqual(names(await ask('guest', { count: 2, patienceMs: 500 })), ['silence'])
  })
  const denied = drops.filter(({ flow }) => flow.source?.object === 'policy/usr1/only-clients')
  t.true(denied.length > 0, JSON.stringify(drops))
  cluster.write(
    'policy.yaml',
    `{kind: Policy, tenant: usr1, name: not-to-web, select: {role: guest},
      egress: [{to: [{select: {role: web}}], action: reject}, {}]}`,
  )
  await cluster.converge()
  const refused = async () => (await attempt(lab, 'guest', web, 80, 5000)) === 'ECONNREFUSED'
  await until('the refusal in the name of the service', refused)
  t.deepEqual(names(await ask('client')), ['web1', 'web2'])
  cluster.remove('policy.yaml')
  await cluster.converge()
  await answered('web1', 'web2')
})

test.serial('what a service has got, and from whom, is shown', async (t) => {
  const { stdout } = await cluster.sluice('get', 'service', 'usr1/web', '--json')
  const [service] = JSON.parse(stdout)
  t.deepEqual(service.address, [web, web6])
  t.deepEqual(service.ports, ['tcp/80', 'udp/53', 'tcp/8080:80', 'udp/9000', 'udp/9001:9000'])
  t.true(Number(service.packets) > 0)
  t.deepEqual(
    service.workloads.map(({ workload, host }: { workload: string; host: string }) => `${workload}@${host}`),
    ['usr1/web1@vm1', 'usr1/web2@vm2'],
  )
  for (const { connections } of service.workloads) t.true(Number(connections) > 0)
  t.regex((await cluster.sluice('get', 'services')).stdout, /^ +usr1\/web1 +vm1 +\d+$/m)
})

test.serial('a backend goes and comes: connections to others live on, its own end', async (t) => {
  const { client, backend } = await connected('client')
  const [gone, address] = backend === 'web1' ? ['web2', '192.168.1.3'] : ['web1', '192.168.1.2']
  const says = async (text: string) => {
    client.write(`${text}\n`)
    await client.line(new RegExp(`^${text}$`), 10_000)
  }
  await says('before')
  const other = await dial(lab, 'client', address, 80)
  await change('usr1.yaml', labels(gone), '$1idle')
  await answered(backend)
  await says('without the other')
  other.write('to itself\n')
  await other.line(/^to itself$/)
  await change('usr1.yaml', labels(gone), '$1web')
  await answered('web1', 'web2')
  await says('with the other')
  await change('usr1.yaml', labels(backend), '$1idle')
  await answered(gone)
  await until('its end', async () => {
    client.write('too late\n')
    return client.line(/^error/, 100).then(
      () => true,
      () => false,
    )
  })
  t.false(client.lines.includes('too late'))
  await change('usr1.yaml', labels(backend), '$1web')
  await Promise.all([client.stop('SIGKILL'), other.stop('SIGKILL')])
})

test.serial('datagrams from a port that had a backend which is gone get another one', async (t) => {
  const from = async (patienceMs = 5000) => {
    const what = { port: 53, protocol: 'udp', count: 1, localPort: 5353, patienceMs } as const
    return names(await ask('client', what))[0] ?? ''
  }
  const first = await from()
  t.regex(first, /^web[12]$/)
  t.is(await from(), first)
  await change('usr1.yaml', labels(first), '$1idle')
  const other = first === 'web1' ? 'web2' : 'web1'
  await until('the other backend', async () => (await from(500)) === other)
  await change('usr1.yaml', labels(first), '$1web')
  t.is(await from(), other, 'where it stays')
})

test.serial('without the controller new connections are spread as before', async (t) => {
  await lab.stopController()
  t.deepEqual(names(await ask('client')), ['web1', 'web2'])
  t.deepEqual(names(await ask('web2', { host: web6 })), ['web1', 'web2'])
  await cluster.startController()
  await cluster.converge()
})

test.serial('without backends it refuses, and without a service there are no flows', async (t) => {
  await change('services.yaml', /role: web/g, 'role: nobody')
  await cluster.quiesce()
  t.is(await attempt(lab, 'client', web, 80, 5000), 'ECONNREFUSED')
  t.is((await cluster.ping('client', web, 1)).received, 0)
  const warning = `service usr1/web: no backend runs for ${web} and ${web6}; what asks there is refused`
  t.true(cluster.log.includes(warning))
  const { warnings } = JSON.parse((await cluster.sluice('status', '--json')).stdout)
  t.true(warnings.includes(warning), warnings.join())
  await change('services.yaml', /role: nobody/g, 'role: web')
  await answered('web1', 'web2')
  t.true(cluster.log.includes(`no longer: ${warning}`))
  cluster.remove('services.yaml')
  cluster.edit('usr2.yaml', /---\nkind: Service[\s\S]*/, '')
  await cluster.converge()
  for (const host of ['vm1', 'vm2']) {
    for (const table of [16, 17, 18]) {
      const flows = await ofctl(lab, host, 'dump-flows', 'br-int', `table=${table}`)
      t.notRegex(flows, /actions=/)
    }
    t.notRegex(
      await succeed(lab, host, ['ovs-ofctl', '-O', 'OpenFlow15', 'dump-groups', 'br-int']),
      /group_id/,
    )
  }
})
