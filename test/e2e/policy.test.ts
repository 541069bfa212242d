import test from 'ava'
import { addresses, PolicyCluster, servers } from './support/policy-cluster.js'
import { Talking } from './support/talking.js'
import { dial } from './support/tcp.js'

const cluster = await PolicyCluster.start()
const { lab, files } = cluster
cluster.belongTo(test)
test.before(() => cluster.serve())

async function portOf(host: string, id: string): Promise<string> {
  const argv = ['ovs-vsctl', '--bare', '--columns=ofport', 'find', 'Interface', `external_ids:iface-id=${id}`]
  return (await lab.exec(host, argv)).stdout.trim()
}

async function policyFlows(): Promise<number> {
  const flows = (await Promise.all(['vm1', 'vm2'].map((host) => files.flows(host)))).flat()
  const names = /^(egress|ingress|deliver)/
  return flows.filter(({ tableName }) => names.test(tableName ?? '')).length
}

const zones = async (host: string) =>
  (await lab.exec(host, ['ovs-appctl', 'dpctl/dump-conntrack'])).stdout.match(/zone=\d+/g) ?? []

test.serial('without policies nothing is tracked', async (t) => {
  for (const server of servers) t.is(await cluster.reach('usr1-1', server, 80), 'connected')
  t.is(await policyFlows(), 14)
  t.deepEqual([...(await zones('vm1')), ...(await zones('vm2'))], [])
})

test.serial(
  'what a rule allows passes with its replies, on one host and on two; the rest does not',
  async (t) => {
    await cluster.inForce({
      web: 'select: {role: web}\ningress:\n  - from: [{select: {role: client}}]\n    ports: [tcp/80, icmp, icmp6]',
    })
    for (const server of servers) {
      t.is(await cluster.reach('usr1-1', server, 80), 'connected', server)
      t.is(await cluster.reach('usr1-1', server, 81), 'silence', server)
      t.is(await cluster.reach(server, 'usr1-1', 81), 'connected', server)
      for (const address of addresses[server])
        t.is((await files.ping('usr1-1', address)).received, 3, address)
    }
    t.is(await cluster.reach('usr1-2', 'here', 80), 'silence')
    t.is(await cluster.reach('here', 'usr1-2', 80), 'silence')
    t.true((await zones('vm2')).every((zone) => Number(zone.slice(5)) > 0x8000))
  },
)

test.serial('a flow of a rule names the line of the rule', async (t) => {
  const flows = await files.flows('vm1', 'ingress-rules')
  const own = flows.filter(({ source }) => source?.object === 'policy/usr1/web')
  t.true(own.length > 1)
  for (const { rule, source } of own) {
    t.is(source?.file?.endsWith('web.yaml'), true)
    t.is(source?.line, rule === 'rule of the tenant tier' ? 6 : 1)
  }
})

test.serial('what goes out is judged at its source', async (t) => {
  await cluster.inForce({
    out: `select: {role: client}\negress:\n  - to: [{cidr: 192.168.1.0/24, except: [192.168.1.9/32]}, {cidr: "2001:db8:1::3/128"}]`,
  })
  t.is(await cluster.reach('usr1-1', 'usr1-2', 80), 'connected')
  t.is(await cluster.reach('usr1-1', 'here', 80), 'silence')
  await cluster.inForce({ out: undefined })
  t.is(await cluster.reach('usr1-1', 'here', 80), 'connected')
})

test.serial('deny beats allow', async (t) => {
  await cluster.inForce({ no: 'select: {}\ningress:\n  - {ports: [tcp/80-81], action: deny}' })
  for (const server of servers) t.is(await cluster.reach('usr1-1', server, 80), 'silence')
  t.is(await cluster.reach('here', 'usr1-1', 81), 'silence')
  await cluster.inForce({ no: undefined })
  for (const server of servers) t.is(await cluster.reach('usr1-1', server, 80), 'connected')
})

for (const server of servers) {
  test.serial(`a connection that is no longer allowed is cut: ${server}`, async (t) => {
    const [address] = addresses[server]
    const connection = await dial(lab, 'usr1-1', address, 80)
    connection.write('before\n')
    await connection.line(/before/)
    const rule = files.read('web.yaml')
    files.edit('web.yaml', 'tcp/80', 'tcp/82')
    await files.quiesce()
    connection.write('after\n')
    await t.throwsAsync(connection.line(/after/, 1500))
    files.write('web.yaml', rule)
    await files.converge()
    await connection.line(/after/)
    await connection.stop()
  })

  test.serial(`a connection of a policy that keeps lives on, and no new one comes: ${server}`, async (t) => {
    const rule = files.read('web.yaml')
    files.write('web.yaml', `${rule}established: keep\n`)
    await files.converge()
    const talking = await Talking.start(lab, 'usr1-1', addresses[server][0], 80)
    files.edit('web.yaml', 'tcp/80', 'tcp/82')
    await files.converge()
    t.is(await cluster.reach('usr1-1', server, 80), 'silence')
    t.true(await talking.stop())
    files.write('web.yaml', rule)
    await files.converge()
  })
}

test.serial('connections that are older than the first policy live on if it allows them', async (t) => {
  const rule = files.read('web.yaml')
  files.remove('web.yaml')
  await files.converge()
  const older = await Promise.all(
    servers.flatMap((server) =>
      addresses[server].map((address) => Talking.start(lab, 'usr1-1', address, 80)),
    ),
  )
  files.write('web.yaml', rule)
  await files.converge()
  for (const talking of older) t.true(await talking.stop())
})

test.serial(
  'an answer that conntrack does not know passes if its connection would be allowed, and is not committed',
  async (t) => {
    for (const [port, verdict] of [
      [80, /ct_clear|output|tnl|push/i],
      [81, /^drop$/],
    ] as const) {
      const packet = [
        `in_port=${await portOf('vm2', 'usr1/usr1-2')},tcp`,
        'dl_src=00:16:3e:29:de:c9,dl_dst=00:16:3e:0c:07:73,nw_src=192.168.1.3,nw_dst=192.168.1.2,nw_ttl=64',
        `tcp_src=${port},tcp_dst=40000,tcp_flags=ack`,
      ].join(',')
      const argv = ['ovs-appctl', 'ofproto/trace', 'br-int', packet, '--ct-next', 'trk,new']
      const { stdout } = await lab.exec('vm2', argv)
      const actions = [...stdout.matchAll(/^Datapath actions: (.*)$/gm)].map(([, text = '']) => text)
      t.is(actions.length, 2, stdout)
      t.regex(actions[1] ?? '', verdict, stdout)
      t.notRegex(actions[1] ?? '', /commit/, stdout)
    }
  },
)

test.serial('once the policies are gone, everything is open and no flow is left', async (t) => {
  files.remove('web.yaml')
  await files.converge()
  t.is(await policyFlows(), 14)
  for (const server of servers) t.is(await cluster.reach('usr1-2', 'here', 81), 'connected', server)
})
