/** The numbers and addresses of objects whose files name none. */
import type { Store, Write } from '../../store/store.js'
import { type Block, parseAddress, parseBlock, parseRange, stationRange } from '../address.js'
import { gatewayOf } from '../defaults.js'
import { Multimap } from '../multimap.js'
import type { AnyObject, PolicyObject } from '../object.js'
import { resolveReference } from '../object.js'
import { emptyRange, Pool, type Range } from './pool.js'
import { Positions } from './positions.js'

type Network = PolicyObject<'Network'>

const prefix = 'allocated '

/** Addresses of an allowed block that is kept for its workload; in larger ones others may get addresses. */
const largestReserved = 4096n

/** The block of an address or CIDR block that a workload may use, where nobody else gets any of it. */
export function reservedBlock(text: string): Block | undefined {
  const block = parseBlock(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`)
  return block && block.last - block.first < largestReserved ? block : undefined
}

/** Pools of the whole cluster. */
type Common = 'vni' | 'mac' | 'key' | 'number' | 'policy' | 'meter' | 'translation'

export class Allocations {
  readonly positions: Positions
  readonly #store: Store
  readonly #common: Readonly<Record<Common, Pool>>
  /** Pools of addresses by `ip4 tenant/network` and `ip6 …`. */
  readonly #addresses = new Map<string, Pool>()
  /** Likewise by `ip4 tenant` and `ip6 …`. */
  readonly #byTenant = new Multimap<string, Pool>()

  /** @param random a number from 0 up to but not including 1 */
  constructor(store: Store, random: () => number) {
    this.#store = store
    const except = new Set<bigint>()
    const macs = 0x02_00_00_00_00_00n
    const start = () => macs + BigInt(Math.floor(random() * 2 ** 40))
    this.#common = {
      vni: new Pool({ first: 1n, last: 0xff_ffffn, except }),
      mac: new Pool({ first: macs, last: macs + 2n ** 40n - 1n, except, start }),
      key: new Pool({ first: 1n, last: 0xffff_ffffn, except }),
      number: new Pool({ first: 1n, last: 0x7fffn, except }),
      meter: new Pool({ first: 1n, last: 0x3fffn, except }),
      policy: new Pool({ first: 1n, last: 0x7_ffffn, except }),
      translation: new Pool({ first: 1n, last: 0xeff_ffffn, except }),
    }
    for (const [name, pool] of Object.entries(this.#common)) this.#restore(name, pool)
    this.positions = new Positions(store)
  }

  /** The number of an owner in a common pool; undefined where none is left. */
  number(pool: Exclude<Common, 'mac'>, owner: string): number | undefined {
    const value = this.#common[pool].assign(owner)
    return value === undefined ? undefined : Number(value)
  }

  /** A locally administered MAC address; undefined where none is left. */
  mac(owner: string): string | undefined {
    const digits = this.#common.mac.assign(owner)?.toString(16).padStart(12, '0')
    return digits?.match(/../g)?.join(':')
  }

  /** An address of a network's subnet; undefined where none is left. */
  address(network: string, family: 4 | 6, owner: string): bigint | undefined {
    return this.#pool(network, family).assign(owner)
  }

  /** Notes what an object names itself, and returns the owners that lose it thereby. */
  choose(object: AnyObject): string[] {
    return [...this.#chosen(object)].flatMap(([pool, value]) => pool.choose(value) ?? [])
  }

  /** Takes back `choose`. */
  unchoose(object: AnyObject): void {
    for (const [pool, value] of this.#chosen(object)) pool.unchoose(value)
  }

  /** Releases what an object had that another version of it, or none, no longer has from a pool. */
  release(before: AnyObject, after: AnyObject | undefined): void {
    const kept = new Set(after === undefined ? [] : this.#given(after))
    for (const pool of this.#given(before)) if (!kept.has(pool)) pool.release(before.id)
  }

  /** Gives an object what is kept for it. */
  reclaim(object: AnyObject): void {
    for (const pool of this.#given(object)) pool.reclaim(object.id)
  }

  /** Sets what a network hands out; every address that an object chose must be chosen again. */
  reshape({ tenant, name, fields }: Network): void {
    for (const family of [4, 6] as const) {
      const block = parseBlock(fields[family === 4 ? 'subnet' : 'subnet6'] ?? '')
      const gateway = parseAddress(gatewayOf(fields, family === 4 ? '' : '6') ?? '')
      const except = new Set(gateway === undefined ? [] : [gateway.value])
      const ranges = fields.dhcp?.range?.map(parseRange) ?? []
      const own = ranges.find((range) => range?.family === family) ?? (block && stationRange(block))
      const range: Range = own === undefined ? emptyRange : { first: own.first, last: own.last, except }
      this.#reshape(`ip${family} ${tenant}`, name, range)
    }
  }

  #reshape(owner: string, network: string, range: Range): void {
    const name = `${owner}/${network}`
    const known = this.#addresses.get(name)
    if (known !== undefined) {
      known.reshape(range)
      return
    }
    const pool = new Pool(range)
    this.#addresses.set(name, pool)
    this.#byTenant.add(owner, pool)
    this.#restore(name, pool)
  }

  #pool(network: string, family: 4 | 6): Pool {
    return this.#addresses.get(`ip${family} ${network}`) ?? new Pool(emptyRange)
  }

  #restore(name: string, pool: Pool): void {
    for (const [owner, record] of this.#store.table(prefix + name)) pool.restore(owner, record)
  }

  /** The values that an object names itself, with their pools. */
  *#chosen(object: AnyObject): Generator<[Pool, bigint]> {
    if (object.kind === 'Network' && object.fields.vni !== undefined) {
      yield [this.#common.vni, BigInt(object.fields.vni)]
    }
    if (object.kind === 'Service') yield* this.#virtual(object)
    if (object.kind !== 'Workload') return
    const { tenant, network, mac, ip = [], allowed = [] } = object.fields
    for (const text of [mac, ...allowed.map((entry) => entry.mac)])
      if (text !== undefined) yield [this.#common.mac, BigInt(`0x${text.replaceAll(':', '')}`)]
    for (const text of [...ip, ...allowed.map((entry) => entry.ip)]) {
      const block = reservedBlock(text)
      if (block === undefined) continue
      const pool = this.#pool(resolveReference(tenant, network), block.family)
      for (let value = block.first; value <= block.last; value++) yield [pool, value]
    }
  }

  /** The addresses of a service, in every network of its tenant: nobody else gets them. */
  *#virtual({ fields: { tenant, address } }: PolicyObject<'Service'>): Generator<[Pool, bigint]> {
    for (const { family, value } of address.flatMap((text) => parseAddress(text) ?? []))
      for (const pool of this.#byTenant.get(`ip${family} ${tenant}`)) yield [pool, value]
  }

  /** The pools that give an object something. */
  *#given(object: AnyObject): Generator<Pool> {
    const { vni, mac, key, number, policy, meter, translation } = this.#common
    if (object.kind === 'Policy') yield policy
    if (object.kind === 'Bandwidth') yield meter
    if (['Egress', 'FloatingIp', 'PortForward', 'Route', 'Service'].includes(object.kind)) yield translation
    if (object.kind === 'Tenant') yield number
    if (object.kind === 'Gateway') yield* [number, key, mac]
    if (object.kind === 'Network' && object.fields.vni === undefined) yield vni
    if (object.kind === 'Mirror') yield vni
    if (object.kind !== 'Workload') return
    yield key
    if (object.fields.mac === undefined) yield mac
    if (object.fields.ip !== undefined) return
    const network = resolveReference(object.fields.tenant, object.fields.network)
    yield* [this.#pool(network, 4), this.#pool(network, 6)]
  }

  /** What changed since the last call, for the store. */
  *takeWrites(): Generator<Write> {
    for (const [name, pool] of [...Object.entries(this.#common), ...this.#addresses]) {
      for (const owner of pool.takeChanged())
        yield { table: prefix + name, key: owner, value: pool.record(owner) }
    }
    yield* this.positions.takeWrites()
  }
}
