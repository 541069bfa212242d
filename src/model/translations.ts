/** What conntrack at gateways translates by: rows to tell what has become of connections when one changes. */
import type { Derivation } from './derivation.js'
import { egressAddress, insideOf, versionOf } from './outside.js'
import type { Reads } from './reads.js'
import type { Change, TranslationRow } from './rows.js'

type Translating = 'egress' | 'floatingIp' | 'portForward' | 'route'

/** What a translation has at each gateway, beside the address outside. */
interface Ends {
  readonly tenant: string
  readonly gateway: string
  readonly translation: number
}

const floating: Derivation = {
  from: 'floatingIp',
  into: 'translation',
  derive(id, reads) {
    const row = reads.get('floatingIp', id)
    const inside = row && insideOf(row, reads)?.address
    if (!row || inside === undefined) return []
    return translation('floatingIp', id, row, { outside: row.address, inside }, reads)
  },
}

const forward: Derivation = {
  from: 'portForward',
  into: 'translation',
  derive(id, reads) {
    const row = reads.get('portForward', id)
    const inside = row && insideOf(row, reads)?.address
    if (!row || inside === undefined) return []
    const { address, protocol, port, workloadPort } = row
    const ends = { outside: address, inside, ports: `${protocol}/${port}:${workloadPort}` }
    return translation('portForward', id, row, ends, reads)
  },
}

const egress: Derivation = {
  from: 'egress',
  into: 'translation',
  derive(id, reads) {
    const row = reads.get('egress', id)
    if (!row) return []
    return ([4, 6] as const).flatMap((version) => {
      const outside = egressAddress(row, version, reads)
      return outside === undefined ? [] : translation('egress', id, row, { outside }, reads)
    })
  },
}

const route: Derivation = {
  from: 'route',
  into: 'translation',
  derive(id, reads) {
    const row = reads.get('route', id)
    return (row?.gateways ?? []).flatMap((gateway) => {
      const at = reads.get('gateway', gateway)
      const outside = versionOf(row?.to ?? '') === 6 ? at?.address6 : at?.address
      if (!row || outside === undefined) return []
      return translation('route', id, { ...row, gateway }, { outside }, reads, gateway)
    })
  },
}

/** One for each kind of object that packets are translated by. */
export const translations: readonly Derivation[] = [egress, floating, forward, route]

function translation(
  kind: Translating,
  object: string,
  { tenant: owner, gateway: id, translation: number }: Ends,
  addresses: Pick<TranslationRow, 'outside' | 'inside' | 'ports'>,
  reads: Reads,
  part?: string,
): readonly Change<'translation'>[] {
  const [tenant, gateway] = [reads.get('tenant', owner), reads.get('gateway', id)]
  if (!tenant || !gateway) return []
  const version = versionOf(addresses.outside)
  const row: TranslationRow = {
    id: `${kind}/${object}#${part ?? version}`,
    ...{ translation: number, version, gateway: id, hosts: gateway.hosts, ...addresses },
    zones: [tenant.number, gateway.number],
  }
  return [{ table: 'translation', id: row.id, row }]
}
