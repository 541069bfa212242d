/**
 * Every kind of policy, one after the other: what the evaluator says of each pair and port and what real packets do is
 * the same, before, during and after each change; and in the end everything is open, and no flow is left.
 */
import test, { type ExecutionContext } from 'ava'
import { Model } from '../../src/model/model.js'
import type { WorkloadRow } from '../../src/model/rows.js'
import { PolicyDirectory } from '../../src/policy/index.js'
import { Judge } from '../../src/reach/index.js'
import { MemoryStore } from '../../src/store/store.js'
import { type PolicyCase, policyCases } from '../support/policy-cases.js'
import { type Probe, Prober } from './support/prober.js'
import { settled } from './support/settled.js'
import { TestCluster } from './support/test-cluster.js'

const ports = { tcp: [80, 81], udp: [53, 54] } as const
const outside = '162.105.175.1'
const patienceMs = 400

const workload = (id: string, network: string, ips: readonly string[], labels: string) => {
  const [tenant, name] = id.split('/')
  const list = ips.map((ip) => `"${ip}"`).join(', ')
  return `kind: Workload\ntenant: ${tenant}\nname: ${name}\nnetwork: ${network}\nip: [${list}]\nlabels: ${labels}\n`
}
const network = (tenant: string, name: string, subnet: string, more = '') =>
  `kind: Network\ntenant: ${tenant}\nname: ${name}\nsubnet: ${subnet}\n${more}`
const tenant = (name: string) => `kind: Tenant\nname: ${name}\n`
const egress = (name: string) => `kind: Egress\ntenant: ${name}\nname: internet\ngateway: campus\n`
const peering = (of: string, peer: string) => `kind: Peering\ntenant: ${of}\nname: ${peer}\npeer: ${peer}\n`

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.remove('usr1.yaml')
    files.remove('usr2.yaml')
    files.edit(
      'lab.yaml',
      /^place:[\s\S]*^outside:/m,
      'place:\n  vm1: [red/client, red/web, blue/client, grey/client]\n  vm2: [red/far, red/db, blue/web, grey/web]\noutside:',
    )
    files.write(
      'tenants.yaml',
      [
        tenant('red'),
        network('red', 'lan', '10.1.0.0/24', 'subnet6: 2001:db8:1::/64\n'),
        network('red', 'dmz', '10.1.1.0/24'),
        workload('red/client', 'lan', ['10.1.0.2', '2001:db8:1::2'], '{role: client, zone: a}'),
        workload('red/web', 'lan', ['10.1.0.3', '2001:db8:1::3'], '{role: web}'),
        workload('red/far', 'lan', ['10.1.0.4', '2001:db8:1::4'], '{role: web, zone: a}'),
        workload('red/db', 'dmz', ['10.1.1.5'], '{role: db}'),
        egress('red'),
        peering('red', 'blue'),
        tenant('blue'),
        network('blue', 'lan', '10.2.0.0/24'),
        workload('blue/client', 'lan', ['10.2.0.2'], '{role: client}'),
        workload('blue/web', 'lan', ['10.2.0.200'], '{role: web, zone: a}'),
        peering('blue', 'red'),
        tenant('grey'),
        network('grey', 'lan', '10.1.0.0/24'),
        workload('grey/client', 'lan', ['10.1.0.2'], '{role: client}'),
        workload('grey/web', 'lan', ['10.1.0.9'], '{role: web}'),
        egress('grey'),
      ].join('---\n'),
    )
  },
})
cluster.belongTo(test)
const { lab } = cluster

interface Cell extends Probe {
  readonly from: string
}

/** The files as they are now, as rows. */
async function rows(): Promise<Model> {
  const store = new MemoryStore()
  const now = () => performance.now()
  const directory = new PolicyDirectory({ dirs: [cluster.directory], store, random: Math.random, now })
  const model = new Model()
  const { changes, errors } = await directory.load()
  if (errors.length > 0) throw new Error(String(errors[0]))
  model.commit(changes)
  return model
}

function cellsOf(workloads: readonly WorkloadRow[]): readonly Cell[] {
  const targets = [...new Set(workloads.flatMap(({ addresses }) => addresses)), outside]
  return workloads.flatMap(({ id: from, addresses }) =>
    targets
      .filter((address) => !addresses.includes(address))
      .filter((address) => addresses.some((own) => own.includes(':') === address.includes(':')))
      .flatMap((address): Cell[] => [
        ...ports.tcp.map((port) => ({ from, address, protocol: 'tcp' as const, port })),
        ...ports.udp.map((port) => ({ from, address, protocol: 'udp' as const, port })),
        { from, address, protocol: 'icmp' },
      ]),
  )
}

/** What the files say of each cell. */
function verdicts(model: Model, cells: readonly Cell[]): readonly boolean[] {
  const judge = new Judge(model)
  return cells.map(({ from, address, protocol, port }) => {
    const six = address.includes(':')
    const own = model.get('workload', from)?.addresses.find((each) => each.includes(':') === six) ?? ''
    const icmp = six ? ({ protocol: 'icmp6', port: 128 } as const) : ({ protocol: 'icmp', port: 8 } as const)
    const what = protocol === 'icmp' ? icmp : { protocol, ...(port === undefined ? {} : { port }) }
    return judge.judge({ from: { address: own, workload: from }, to: { address }, ...what }).allowed
  })
}

const probers = new Map<string, Prober>()
test.after.always(() => Promise.all([...probers.values()].map((prober) => prober.stop())))

/** What packets do in each cell, all at once. */
async function probe(cells: readonly Cell[], patience = patienceMs): Promise<readonly boolean[]> {
  const results = new Map<Cell, boolean>()
  await Promise.all(
    [...probers].map(async ([from, prober]) => {
      const own = cells.filter((cell) => cell.from === from)
      const answers = await prober.try(own, patience)
      own.forEach((cell, i) => void results.set(cell, answers[i] === 'open'))
    }),
  )
  return cells.map((cell) => results.get(cell) ?? false)
}

const describe = ({ from, address, protocol, port }: Cell) =>
  `${from} to ${address} ${protocol}/${port ?? 'echo'}`

/** What packets do; where they fare worse than expected, that is asked again: a machine that is busy loses some. */
async function observe(cells: readonly Cell[], expected: readonly boolean[]): Promise<readonly boolean[]> {
  const found = [...(await probe(cells))]
  for (let again = 0; again < 4; again++) {
    const late = cells.flatMap((_, i) => (expected[i] && !found[i] ? [i] : []))
    if (late.length === 0) break
    const retried = await probe(
      late.flatMap((i) => cells[i] ?? []),
      1500,
    )
    for (const [n, i] of late.entries()) found[i] = retried[n] ?? false
  }
  return found
}

/**
 * Packets do what the files say. Where they do not, they are asked once more with empty caches: Open vSwitch before
 * 3.1.3 may keep a megaflow that the flows no longer make (docs/operating.md); what the flows do is right all the same.
 */
async function agree(
  t: ExecutionContext,
  cells: readonly Cell[],
  expected: readonly boolean[],
  when: string,
): Promise<void> {
  const wrong = await differing(cells, expected)
  if (wrong.length === 0) {
    t.pass()
    return
  }
  t.log(
    `${when}: asked again without megaflows: ${wrong.map((i) => cells[i]).map((cell) => cell && describe(cell))}`,
  )
  await forgetMegaflows()
  const again = wrong.flatMap((i) => cells[i] ?? [])
  const expectedAgain = wrong.map((i) => expected[i] ?? false)
  const still = await differing(again, expectedAgain)
  t.deepEqual(
    still.flatMap((i) =>
      again[i] ? [`${describe(again[i])} should be ${expectedAgain[i] ? 'open' : 'closed'}`] : [],
    ),
    [],
    when,
  )
}

async function forgetMegaflows(): Promise<void> {
  await Promise.all(['vm1', 'vm2'].map((host) => lab.exec(host, ['ovs-appctl', 'revalidator/purge'])))
}

/** The cells in which packets fare otherwise than expected. */
async function differing(cells: readonly Cell[], expected: readonly boolean[]): Promise<readonly number[]> {
  const found = await observe(cells, expected)
  return cells.flatMap((_, i) => (expected[i] === found[i] ? [] : [i]))
}

test.before(async () => {
  const names = [...(await rows()).rows('workload')].map(({ id }) => id)
  await Promise.all(names.map((name) => settled(lab, name)))
  for (const name of names) probers.set(name, await Prober.start(lab, name, ports))
  probers.set('outside', await Prober.start(lab, 'outside', ports))
})

test.serial('at least 60 policies of every kind', async (t) => {
  t.timeout(15 * 60_000)
  t.true(policyCases.length >= 60, `${policyCases.length}`)
  let model = await rows()
  const workloads = [...model.rows('workload')].sort((a, b) => (a.id < b.id ? -1 : 1))
  const cells = cellsOf(workloads)
  let before = verdicts(model, cells)
  await agree(t, cells, before, 'before any policy')
  t.true(before.includes(true) && before.includes(false))
  const seen = new Set<string>()
  for (const each of policyCases) {
    before = await change(t, cells, before, each)
    seen.add(before.map(Number).join(''))
    if (!each.stays) {
      cluster.remove(`${each.name}.yaml`)
      model = await rows()
      before = verdicts(model, cells)
      await cluster.converge()
    }
  }
  t.true(seen.size > 30, `${seen.size} different outcomes`)
})

/**
 * Puts a policy in force while packets go on: what is the same before and after is the same meanwhile. What passed
 * although it must not is tried once more with empty caches, for the reason that `agree` has.
 */
async function change(
  t: ExecutionContext,
  cells: readonly Cell[],
  before: readonly boolean[],
  each: PolicyCase,
): Promise<readonly boolean[]> {
  let outcome = await replace(cells, before, each)
  if (outcome.leaked.length > 0) {
    t.log(
      `${each.name}: put in force again without megaflows: ${outcome.leaked.map(describe)} passed meanwhile`,
    )
    cluster.remove(`${each.name}.yaml`)
    await cluster.converge()
    await forgetMegaflows()
    outcome = await replace(cells, before, each)
    t.deepEqual(outcome.leaked.map(describe), [], `${each.name}: passed meanwhile, twice`)
  }
  const { after, lost } = outcome
  await agree(
    t,
    lost,
    lost.map(() => true),
    `${each.name}: lost meanwhile`,
  )
  await cluster.converge()
  await agree(t, cells, after, each.name)
  return after
}

/** Writes a policy's file; what passed meanwhile although it must not, before and after, and the other way round. */
async function replace(cells: readonly Cell[], before: readonly boolean[], { name, text }: PolicyCase) {
  const meanwhile = probe(cells)
  cluster.write(`${name}.yaml`, text)
  const after = verdicts(await rows(), cells)
  const open = await meanwhile
  const same = (allowed: boolean) =>
    cells.filter((_, i) => before[i] === allowed && after[i] === allowed && open[i] !== allowed)
  return { after, leaked: same(false), lost: same(true) }
}

test.serial(
  'without policies everything is as in the beginning, and no flow of theirs is left',
  async (t) => {
    for (const { name, stays } of policyCases) if (stays) cluster.remove(`${name}.yaml`)
    await cluster.converge()
    const model = await rows()
    const cells = cellsOf([...model.rows('workload')])
    await agree(t, cells, verdicts(model, cells), 'after all')
    for (const host of ['vm1', 'vm2']) {
      const left = (await cluster.flows(host)).filter(
        ({ tableName = '', rule }) =>
          /^(egress|ingress)-/.test(tableName) && rule !== 'tenants that policy concerned a moment ago',
      )
      t.deepEqual(
        left.map(({ textWithoutStats }) => textWithoutStats),
        [],
        host,
      )
    }
  },
)
