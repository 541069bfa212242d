import { Model } from '../../src/model/model.js'
import { PolicyDirectory } from '../../src/policy/index.js'
import { type Connection, Judge, type Judgement } from '../../src/reach/index.js'
import { MemoryStore } from '../../src/store/store.js'

/** The model that files with these texts make. */
export async function modelOf(...texts: readonly string[]): Promise<Model> {
  const directory = new PolicyDirectory({
    dirs: ['files'],
    store: new MemoryStore(),
    random: () => 0.5,
    now: () => 0,
    allowEmpty: true,
  })
  const files = new Map(texts.map((text, n) => [`files/${n}.yaml`, text]))
  const { changes, errors } = await directory.apply(files)
  if (errors.length > 0) throw new Error(errors.map(String).join('\n'))
  const model = new Model()
  model.commit(changes)
  return model
}

/**
 * `a/web > a/db tcp/80`: ends are workloads, which use the first of their addresses of the IP version that fits the
 * other end, or addresses; IPv4 unless an address or the protocol says otherwise, or the line ends in ` 6`.
 */
export function connection(model: Model, line: string): Connection {
  const [from = '', , to = '', what = '', version = ''] = line.split(' ')
  const six = version === '6' || what.startsWith('icmp6') || from.includes(':') || to.includes(':')
  const end = (name: string) => {
    const workload = model.get('workload', name)
    if (workload === undefined) return { address: name }
    const address = workload.addresses.find((text) => text.includes(':') === six)
    if (address === undefined) throw new Error(`${name} has no such address`)
    return { address, workload: name }
  }
  const [protocol, port] = what.split('/')
  const connection = { from: end(from), to: end(to), protocol: protocol as Connection['protocol'] }
  return port === undefined ? connection : { ...connection, port: Number(port) }
}

/** `yes - / allow a/web#0`: whether, the barrier if there is one, then what egress and ingress say; `-`: nothing. */
export function summary({ allowed, egress, barrier, ingress }: Judgement): string {
  const word = (decision: Judgement['egress']) => {
    if (decision === undefined) return 'none'
    if (decision.by === 'default') return '-'
    if (decision.by === 'isolation') return `isolation ${decision.policy}`
    return `${decision.verdict} ${decision.policy}#${decision.index}`
  }
  const head = barrier === undefined ? (allowed ? 'yes' : 'no') : `${allowed ? 'yes' : 'no'} ${barrier}`
  return `${head}: ${word(egress)} / ${word(ingress)}`
}

export function judged(model: Model, line: string): string {
  return summary(new Judge(model).judge(connection(model, line)))
}
