import { addressBytes } from '../frames/addresses.js'
import { addressBits, contains, parseBlock } from '../model/block.js'
import { domainOf, hostNameOf, zone } from '../model/domain-names.js'
import type { Model } from '../model/model.js'
import type { NetworkRow, WorkloadRow } from '../model/rows.js'
import {
  type Answer,
  type AnswerRecord,
  pointerData,
  type Query,
  recordClass,
  recordType,
  responseCode,
} from './message.js'
import { reversedAddress } from './reverse.js'

/** What one workload may know of: networks of its own tenant, and those that peers open to it. */
export interface View {
  readonly model: Pick<Model, 'get' | 'by'>
  readonly networks: readonly NetworkRow[]
}

const nothing: Answer = { code: responseCode.noError, records: [] }
const noSuchName: Answer = { code: responseCode.noSuchName, records: [] }
const refused: Answer = { code: responseCode.refused, records: [] }
const extensionVersion = 0

/** Answers a query for a name of the cluster or for the name of one of its addresses; all else is refused. */
export function answer(query: Query, view: View): Answer {
  const { operation, extension, class: of } = query
  if (operation !== 0) return { code: responseCode.notImplemented, records: [] }
  if (extension && extension.version > extensionVersion) return { code: responseCode.badVersion, records: [] }
  if (of !== recordClass.internet && of !== recordClass.any) return refused
  if (query.name === zone || query.name.endsWith(`.${zone}`)) return forward(query, view)
  const address = reversedAddress(query.name)
  return address === undefined ? refused : backward(address, query.type, view)
}

function forward({ name, type }: Query, { model, networks }: View): Answer {
  for (const network of networks) {
    const domain = `.${domainOf(network)}`
    if (!name.endsWith(domain)) continue
    const workload = model.get('workload', `${network.tenant}/${name.slice(0, -domain.length)}`)
    if (workload?.network === network.id)
      return { code: responseCode.noError, records: addressRecords(workload, type) }
  }
  // A name exists where one below it does, though nothing else is known of it (RFC 8020 §2).
  const isAbove = (network: NetworkRow) =>
    domainOf(network) === name || domainOf(network).endsWith(`.${name}`)
  return networks.some(isAbove) ? nothing : noSuchName
}

function addressRecords({ addresses }: WorkloadRow, type: number): readonly AnswerRecord[] {
  return addresses
    .map((address) => ({
      type: address.includes(':') ? recordType.aaaa : recordType.a,
      data: addressBytes(address),
    }))
    .filter((record) => type === record.type || type === recordType.any)
}

function backward(address: string, type: number, { model, networks }: View): Answer {
  const around = networks.filter((network) => isIn(network, address))
  if (around.length === 0) return refused
  for (const network of around) {
    const holder = model
      .by('workloadsByAddress', `${network.tenant} ${address}`)
      .find((workload) => workload.network === network.id)
    if (!holder) continue
    if (type !== recordType.ptr && type !== recordType.any) return nothing
    const data = pointerData(hostNameOf(holder, network))
    return { code: responseCode.noError, records: [{ type: recordType.ptr, data }] }
  }
  return noSuchName
}

function isIn({ subnet, subnet6 }: NetworkRow, address: string): boolean {
  const block = address.includes(':') ? subnet6 : subnet
  if (block === undefined) return false
  const outer = parseBlock(block)
  return contains(outer, parseBlock(`${address}/${addressBits[outer.family]}`))
}
