import { type Connections, execute, type Fields } from '../../src/execution/index.js'
import type { Cluster } from './cluster.js'
import { Decoder, topologyOf } from './execution.js'

export type { Connections }

/** Where a frame that comes in at a port ends: `a/one`, `b/two tag 5`, `controller`, `wire h1 tag 5`, `same port`. */
export class Walk {
  readonly #decoder = new Decoder()

  constructor(readonly cluster: Cluster) {}

  /** The frame from a workload, with its tag if it has one. */
  from(id: string, fields: Fields): readonly string[] {
    const placement = this.cluster.model.get('placement', id)
    if (!placement) throw new Error(`${id} is nowhere`)
    const { host, ofport, tag } = placement
    return this.at(host, ofport, tag === undefined ? fields : { ...fields, vlanVid: 0x1000 | tag })
  }

  /** The frame at a port of a host; drops and copies that go nowhere are left out. */
  at(host: string, port: number, fields: Fields): readonly string[] {
    return this.ends(host, port, fields)
      .flatMap(({ name }) => name ?? [])
      .sort()
  }

  ends(host: string, port: number, fields: Fields) {
    const topology = topologyOf(this.cluster, this.#decoder)
    const { ends } = execute(topology, { host, port, packet: { fields } })
    return ends.map((each) => ({ ...each, name: nameOf(each) }))
  }
}

function nameOf(each: ReturnType<typeof execute>['ends'][number]): string | undefined {
  if (each.end === 'controller') return 'controller'
  if (each.end !== 'output') return undefined
  const tag = each.header.number('vlanTci') & 0xfff
  const suffix = tag === 0 ? '' : ` tag ${tag}`
  const { lead } = each
  if (lead.to === 'station') return `${lead.name}${suffix}`
  return lead.to === 'outside' ? `${lead.gateway}${suffix}` : 'nowhere'
}
