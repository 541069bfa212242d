import { once } from 'node:events'
import test from 'ava'
import type { FlowView } from '../../src/api/contract.js'
import { dumpFlows, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)
test.before(() =>
  until('the outside', async () => (await cluster.ping('usr1-1', '162.105.175.1', 1)).received > 0),
)

/** The lines of `sluice flows` with these options. */
async function flows(...options: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await cluster.sluice('flows', ...options)
  if (status !== 0) throw new Error(`${status} ${stderr}`)
  return stdout.split('\n').filter((line) => line !== '')
}

async function views(...options: string[]): Promise<FlowView[]> {
  return JSON.parse((await flows('--json', ...options)).join(''))
}

/** Ages grow between two readings; everything else of a flow that nobody uses stays. */
const withoutAges = (line: string) => line.replace(/(duration|idle_age)=[\d.]+s?(, )?/g, '')

test.serial('--format ovs is what ovs-ofctl prints, line for line', async (t) => {
  for (const host of ['vm1', 'vm2']) {
    const expected = await dumpFlows(cluster.lab, host, 'br-int', '--no-stats')
    t.true(expected.length > 50)
    t.deepEqual(await flows('--format', 'ovs', '--no-stats', '--host', host), expected)
    // Counters move by themselves now and then: router solicitations of workloads.
    let ours: string[] = []
    let theirs: string[] = []
    await until('two equal readings', async () => {
      ours = (await flows('--format', 'ovs', '--host', host)).map(withoutAges)
      theirs = (await dumpFlows(cluster.lab, host)).map(withoutAges)
      return ours.join('\n') === theirs.join('\n')
    }).catch((error: unknown) => t.log(error))
    t.deepEqual(ours, theirs)
    t.true(theirs.some((line) => /n_packets=[1-9]/.test(line)))
  }
})

test.serial('without a host, each one is named before its flows', async (t) => {
  const expected = [
    '# vm1',
    ...(await dumpFlows(cluster.lab, 'vm1', 'br-int', '--no-stats')),
    '# vm2',
    ...(await dumpFlows(cluster.lab, 'vm2', 'br-int', '--no-stats')),
  ]
  t.deepEqual(await flows('--format', 'ovs', '--no-stats'), expected)
})

test.serial('every flow says where it comes from, default drops too, and explain agrees', async (t) => {
  const all = await views()
  const drops = all.filter(({ actions }) => actions === 'drop')
  t.true(drops.length > 20)
  for (const flow of all) {
    t.truthy(flow.tableName)
    t.truthy(flow.rule)
    t.regex(flow.source?.file ?? '', /\.yaml$|^flows\/\d\d-[a-z-]+\.ts$/, flow.text)
    if (flow.source?.file?.endsWith('.yaml')) t.true((flow.source.line ?? 0) > 0, flow.text)
  }
  for (const cookie of new Set(all.map((flow) => flow.cookie))) {
    const explanation = await cluster.client.explain(BigInt(cookie))
    const same = all.filter((flow) => flow.cookie === cookie)
    t.deepEqual(explanation?.source, same[0]?.source)
    t.is(explanation?.table, same[0]?.table)
    t.deepEqual([...(explanation?.hosts ?? [])].sort(), [...new Set(same.map(({ host }) => host))].sort())
  }
  const [line = ''] = await flows('--table', 'spoof-guard', '--workload', 'usr1/usr1-1')
  t.regex(
    line,
    /^vm1 +spoof-guard +\S+usr1\.yaml:\d+ {2}[a-z ]+ {2}n_packets=\d+ n_bytes=\d+ +priority=\d+,.* actions=/,
  )
  const { stdout } = await cluster.sluice('explain', all[0]?.cookie ?? '')
  t.true(stdout.includes(all[0]?.cookie ?? '-'))
  t.is((await cluster.sluice('explain', '0x12')).status, 1)
  t.is((await cluster.sluice('explain', 'twelve')).status, 2)
})

test.serial('conditions choose flows, and wrong names are told', async (t) => {
  const all = await views()
  const texts = (list: readonly FlowView[]) =>
    list.map((flow) => `${flow.host}${flow.textWithoutStats}`).sort()
  const chosen = async (options: string[], by: (flow: FlowView) => boolean) => {
    t.deepEqual(texts(await views(...options)), texts(all.filter(by)))
    t.true(all.some(by) && !all.every(by))
  }
  await chosen(['--host', 'vm2'], ({ host }) => host === 'vm2')
  await chosen(['--table', 'arp'], ({ table }) => table === 20)
  await chosen(['--table', '20'], ({ table }) => table === 20)
  await chosen(['--tenant', 'usr2'], ({ source }) =>
    /^(tenant\/usr2$|\w+\/usr2\/)/.test(source?.object ?? ''),
  )
  for (const name of ['usr1-2', 'usr1/usr1-2'])
    await chosen(['--workload', name], ({ source }) => source?.object === 'workload/usr1/usr1-2')
  await chosen(
    ['--host', 'vm1', '--table', 'arp', '--tenant', 'usr1'],
    ({ host, table, source }) =>
      host === 'vm1' && table === 20 && (source?.object ?? '').split('/')[1] === 'usr1',
  )
  for (const [options, status, message] of [
    [['--host', 'vm9'], 1, /no host is named vm9/],
    [['--tenant', 'usr9'], 1, /no tenant is named usr9/],
    [['--workload', 'usr9-1'], 1, /no workload is named usr9-1/],
    [['--table', 'nowhere'], 2, /no table is named nowhere; there are .*classify/],
    [['--format', 'poem'], 2, /poem/],
    [['--rates', '--follow'], 2, /--rates cannot be used with --follow/],
  ] as const) {
    const answer = await cluster.sluice('flows', ...options)
    t.is(answer.status, status, options.join(' '))
    t.regex(answer.stderr, message)
    t.is(answer.stdout, '')
  }
})

test.serial('--rates says what passes each second', async (t) => {
  const pinging = await Pinging.start(cluster.lab, 'usr1-1', '192.168.1.3')
  const rates = await views('--rates', '--host', 'vm1', '--workload', 'usr1/usr1-1')
  await pinging.stop()
  t.true(rates.every((flow) => 'packetsPerSecond' in flow && 'bytesPerSecond' in flow))
  t.true(rates.some((flow) => 'packetsPerSecond' in flow && Number(flow.packetsPerSecond) > 1))
  t.regex((await flows('--rates', '--table', 'arp')).join('\n'), /\d+\.\d packets\/s \d+ bytes\/s/)
})

test.serial('--follow prints what comes, changes and goes', async (t) => {
  const { stdout: _, ...rest } = await cluster.sluice('flows', '--follow', '--host', 'vm9')
  t.is(rest.status, 1)
  const child = cluster.spawn('flows', '--follow', '--json', '--table', 'neighbour')
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const events = () =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): { event: string; flow: FlowView } => JSON.parse(line))
  const seen = (event: string, match: string, actions: string) =>
    events().some(
      (each) =>
        each.event === event && each.flow.match.includes(match) && each.flow.actions.includes(actions),
    )
  const document = (mac: string) =>
    `kind: Workload\ntenant: usr1\nname: seen\nnetwork: lan\nip: 192.168.1.77\nmac: ${mac}\n`
  // Until the command listens nothing is printed: the file is written until it does.
  await until('the first event', async () => {
    cluster.write('seen.yaml', document('00:16:3e:00:00:01'))
    await cluster.converge()
    if (events().length > 0) return true
    cluster.remove('seen.yaml')
    await cluster.converge()
    return events().length > 0
  })
  cluster.write('seen.yaml', document('00:16:3e:00:00:01'))
  await cluster.converge()
  await until('an addition', () => seen('added', 'nw_dst=192.168.1.77', '00:16:3e:00:00:01'))
  cluster.write('seen.yaml', document('00:16:3e:00:00:02'))
  await until('a change', () => seen('changed', 'nw_dst=192.168.1.77', '00:16:3e:00:00:02'))
  cluster.remove('seen.yaml')
  await until('a removal', () => seen('removed', 'nw_dst=192.168.1.77', '00:16:3e:00:00:02'))
  t.true(
    events().every(
      ({ flow }) => flow.tableName === 'neighbour' && flow.textWithoutStats.includes('table=50'),
    ),
  )
  const closed = once(child, 'close')
  child.kill('SIGINT')
  await closed
  t.pass()
})
