import { isDeviceName, isEndpoint } from '../attach/index.js'
import { CniError, codes } from './error.js'

export const supportedVersions = ['1.0.0', '1.1.0'] as const
export type CniVersion = (typeof supportedVersions)[number]
export type Environment = Readonly<Record<string, string | undefined>>

/** A network configuration, as far as this plugin reads it. */
export interface Config {
  readonly cniVersion: CniVersion
  readonly name: string
  readonly bridge: string
  readonly db?: string
  /** `tenant/name` of the network that undeclared workloads are to be of. */
  readonly network?: string
  /** From `args.cni.workload`. */
  readonly workload?: string
  readonly prevResult?: PrevResult
  readonly validAttachments?: readonly { readonly containerID: string; readonly ifname: string }[]
}

export interface PrevResult {
  readonly interfaces: readonly { readonly name: string; readonly mac?: string; readonly sandbox?: string }[]
  readonly ips: readonly { readonly address: string; readonly interface?: number }[]
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The JSON text of a configuration. Throws CniError `decode`. */
export function parseJson(text: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new CniError(codes.decode, 'the network configuration is not JSON', { cause })
  }
  if (isFields(value)) return value
  throw new CniError(codes.decode, 'the network configuration is not an object')
}

/** Throws CniError `version`, `field` or `config`. */
export function readConfig(fields: Fields): Config {
  const { cniVersion = '0.1.0', ipam } = fields
  const version = supportedVersions.find((each) => each === cniVersion)
  if (version === undefined)
    throw new CniError(
      codes.version,
      `CNI version ${String(cniVersion)} is not supported, only ${supportedVersions.join(' and ')}`,
    )
  if (isFields(ipam) && Object.keys(ipam).length > 0)
    throw new CniError(codes.field, 'ipam is not supported: addresses are the controller’s')
  const name = textOf(fields, 'name')
  if (name === undefined) throw new CniError(codes.config, 'name is missing')
  const [db, network] = [textOf(fields, 'db'), textOf(fields, 'network')]
  if (db !== undefined && !isEndpoint(db)) throw new CniError(codes.config, `db ${db} cannot be dialled`)
  if (network !== undefined && !/^[^/]+\/[^/]+$/.test(network))
    throw new CniError(codes.config, `network ${network} is not TENANT/NETWORK`)
  const args = isFields(fields.args) && isFields(fields.args.cni) ? fields.args.cni : {}
  const workload = textOf(args, 'workload')
  const valid = fields['cni.dev/valid-attachments']
  return {
    cniVersion: version,
    name,
    bridge: textOf(fields, 'bridge') ?? 'br-int',
    ...(db === undefined ? {} : { db }),
    ...(network === undefined ? {} : { network }),
    ...(workload === undefined ? {} : { workload }),
    ...(isFields(fields.prevResult) ? { prevResult: readResult(fields.prevResult) } : {}),
    ...(valid === undefined
      ? {}
      : { validAttachments: list(valid, 'cni.dev/valid-attachments').map(readAttachment) }),
  }
}

function textOf(fields: Fields, field: string): string | undefined {
  const value = fields[field]
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new CniError(codes.config, `${field} is no text`)
}

function list(value: unknown, field: string): readonly Fields[] {
  if (Array.isArray(value) && value.every(isFields)) return value
  throw new CniError(codes.config, `${field} is no list of objects`)
}

function readAttachment(fields: Fields): { containerID: string; ifname: string } {
  return { containerID: textOf(fields, 'containerID') ?? '', ifname: textOf(fields, 'ifname') ?? '' }
}

function readResult(fields: Fields): PrevResult {
  return {
    interfaces: list(fields.interfaces ?? [], 'prevResult.interfaces').map((each) => {
      const [mac, sandbox] = [textOf(each, 'mac'), textOf(each, 'sandbox')]
      return {
        name: textOf(each, 'name') ?? '',
        ...(mac === undefined ? {} : { mac }),
        ...(sandbox === undefined ? {} : { sandbox }),
      }
    }),
    ips: list(fields.ips ?? [], 'prevResult.ips').map((each) => ({
      address: textOf(each, 'address') ?? '',
      ...(typeof each.interface === 'number' ? { interface: each.interface } : {}),
    })),
  }
}

/** What the runtime says of the container, in the environment. */
export interface Container {
  readonly id: string
  readonly ifname: string
  readonly netns: string
}

/** Throws CniError `environment` that names every variable which is missing or wrong. */
export function readContainer(
  env: Environment,
  { netns: needsNetns }: { readonly netns: boolean },
): Container {
  const { CNI_CONTAINERID: id = '', CNI_IFNAME: ifname = '', CNI_NETNS: netns = '' } = env
  const wrong = [
    ...(/^[a-zA-Z0-9][\w.-]*$/.test(id) ? [] : ['CNI_CONTAINERID']),
    ...(isDeviceName(ifname) ? [] : ['CNI_IFNAME']),
    ...(netns.startsWith('/') || (netns === '' && !needsNetns) ? [] : ['CNI_NETNS']),
  ]
  if (wrong.length > 0) throw new CniError(codes.environment, `missing or wrong: ${wrong.join(', ')}`)
  return { id, ifname, netns }
}

/**
 * Which workload a container is: what `args.cni.workload` says, SLUICE_WORKLOAD of CNI_ARGS, a pod's namespace and name,
 * or, in a network for undeclared workloads, the container's id.
 */
export function workloadOf(config: Config, { id }: Container, env: Environment): string | undefined {
  const args = new Map(
    (env.CNI_ARGS ?? '').split(';').map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)] as const
    }),
  )
  const [namespace, pod] = [args.get('K8S_POD_NAMESPACE'), args.get('K8S_POD_NAME')]
  const named = config.workload ?? args.get('SLUICE_WORKLOAD')
  if (named !== undefined) return named
  if (namespace && pod) return `${namespace}/${pod}`
  const tenant = config.network?.split('/')[0]
  return tenant === undefined ? undefined : `${tenant}/${id.slice(0, 12).toLowerCase()}`
}
