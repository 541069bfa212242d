import {
  type Attached,
  type Attachment,
  attachHere,
  checkForeign,
  type Database,
  detachAlone,
  inspect,
  type LocalOptions,
  linksOf,
  localDatabase,
  namedNetns,
  ownedInterfaces,
  withHost,
} from '../attach/index.js'
import { CniError, codes } from './error.js'
import { type Config, type Container, type Environment, readContainer, workloadOf } from './request.js'

/** What the plugin prints; undefined: nothing. */
export type Result = object | undefined
export type Command = (config: Config, env: Environment) => Promise<Result>

/** The operations of CNI 1.1 other than VERSION, by the value of CNI_COMMAND. */
export const commands: Readonly<Record<string, Command>> = {
  ADD: add,
  CHECK: check,
  DEL: del,
  GC: gc,
  STATUS: status,
}

const local = (config: Config, env: Environment): LocalOptions => ({
  db: config.db ?? localDatabase(env),
  databaseWithinMs: 5_000,
})

/** On whose behalf an attachment is, in the database: another container of the same workload is another owner. */
const ownerOf = ({ name }: Config, { id, ifname }: Pick<Container, 'id' | 'ifname'>): string =>
  `cni/${name}/${id}/${ifname}`

function attachmentOf(config: Config, container: Container, env: Environment): Attachment {
  const workload = workloadOf(config, container, env)
  if (workload === undefined)
    throw new CniError(
      codes.config,
      'which workload it is, nobody says: neither args.cni.workload, nor SLUICE_WORKLOAD or K8S_POD_NAME in CNI_ARGS, nor network',
    )
  const { bridge, network } = config
  return {
    interface: workload,
    bridge,
    plug: { kind: 'veth', netns: namedNetns(container.netns), device: container.ifname },
    owner: ownerOf(config, container),
    ...(network === undefined ? {} : { network }),
  }
}

async function add(config: Config, env: Environment): Promise<Result> {
  const container = readContainer(env, { netns: true })
  const attachment = attachmentOf(config, container, env)
  checkForeign(container.netns)
  const attached = await attachHere(attachment, local(config, env))
  const device = await withHost(local(config, env), async ({ run }) =>
    (await linksOf(run, container.netns)).get(container.ifname),
  )
  return resultOf(config, container, attached, device?.mac)
}

function resultOf(
  { cniVersion }: Config,
  container: Container,
  attached: Attached,
  mac: string | undefined,
): object {
  const { port, facts } = attached
  const six = (text: string) => text.includes(':')
  return {
    cniVersion,
    interfaces: [
      { name: port },
      {
        name: container.ifname,
        ...(mac === undefined ? {} : { mac }),
        ...(facts.mtu === undefined || cniVersion === '1.0.0' ? {} : { mtu: facts.mtu }),
        sandbox: container.netns,
      },
    ],
    ips: facts.addresses.map((address) => {
      const gateway = facts.gateways.find((each) => six(each) === six(address))
      return { address, ...(gateway === undefined ? {} : { gateway }), interface: 1 }
    }),
    routes: facts.gateways.map((gw) => ({ dst: six(gw) ? '::/0' : '0.0.0.0/0', gw })),
    dns: {},
  }
}

async function check(config: Config, env: Environment): Promise<Result> {
  const container = readContainer(env, { netns: true })
  const { prevResult } = config
  if (!prevResult) throw new CniError(codes.config, 'prevResult is missing')
  const attachment = attachmentOf(config, container, env)
  const { port, inner } = await withHost(local(config, env), (host) => inspect(host, attachment))
  const index = prevResult.interfaces.findIndex(({ name, sandbox }) => name === container.ifname && sandbox)
  const mac = prevResult.interfaces[index]?.mac
  const missing = prevResult.ips
    .filter((ip) => ip.interface === index && !inner?.addresses.includes(ip.address))
    .map(({ address }) => `address ${address}`)
  const wrong = [
    ...(port ? [] : [`port of ${attachment.interface}`]),
    ...(inner ? missing : [`device ${container.ifname}`]),
    ...(inner && mac !== undefined && inner.mac !== mac ? [`MAC ${mac}`] : []),
  ]
  if (wrong.length > 0) throw new CniError(codes.differs, `not as it was attached: ${wrong.join(', ')}`)
  return undefined
}

/** By its owner, as the runtime need not say then which workload it was; by that too, for an ADD that was killed. */
async function del(config: Config, env: Environment): Promise<Result> {
  const container = readContainer(env, { netns: false })
  const owner = ownerOf(config, container)
  const named = workloadOf(config, container, env)
  await withHost(local(config, env), async (host) => {
    const owned = ownedInterfaces(host.database).filter((each) => each.owner === owner)
    const ids = new Set([...owned.map((each) => each.interface), ...(named === undefined ? [] : [named])])
    for (const id of ids) await detachAlone(host, id, local(config, env), owner)
  })
  return undefined
}

async function gc(config: Config, env: Environment): Promise<Result> {
  const { validAttachments } = config
  if (!validAttachments) throw new CniError(codes.config, 'cni.dev/valid-attachments is missing')
  const valid = new Set(
    validAttachments.map(({ containerID, ifname }) => ownerOf(config, { id: containerID, ifname })),
  )
  await withHost(local(config, env), async (host) => {
    for (const { interface: id, owner } of ownedInterfaces(host.database))
      if (owner.startsWith(`cni/${config.name}/`) && !valid.has(owner))
        await detachAlone(host, id, local(config, env), owner)
  })
  return undefined
}

async function status(config: Config, env: Environment): Promise<Result> {
  try {
    await withHost(local(config, env), ({ database }) => ready(database, config.bridge))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CniError(codes.unavailable, `nothing can be attached: ${why}`, { cause })
  }
  return undefined
}

async function ready(database: Database, bridge: string): Promise<void> {
  if (!database.bridge(bridge)) throw new CniError(codes.unavailable, `there is no bridge ${bridge}`)
  await database.realised(2_000)
}
