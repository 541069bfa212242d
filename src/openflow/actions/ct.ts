/** Connection tracking and address translation, and the clone, which contains actions like them. */

import type { Action, ActionOf, Nat } from '../action.js'
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../addresses.js'
import { EncodeError, Reader, type Writer } from '../bytes.js'
import {
  readRange,
  readShortHeader,
  type Subfield,
  subfieldIn,
  writeRange,
  writeShortHeader,
} from '../subfield.js'
import { begin, type Context, type Definitions, end, nicira } from './definition.js'

const commitFlag = 1
const forceFlag = 2
const noTable = 0xff

/** Bits of a translation's flags. */
const natFlags = { src: 1, dst: 2, persistent: 4, hash: 8, random: 16 } as const

/** Bits that say which parts of a range follow. */
const range = { ipv4Min: 1, ipv4Max: 2, ipv6Min: 4, ipv6Max: 8, portMin: 16, portMax: 32 } as const

function putAddress(w: Writer, address: string): 'ipv4' | 'ipv6' {
  const ipv4 = parseIpv4(address)
  if (ipv4 !== undefined) {
    w.u32(ipv4)
    return 'ipv4'
  }
  const ipv6 = parseIpv6(address)
  if (ipv6 === undefined) throw new EncodeError(`${address} is no address`)
  for (const word of ipv6) w.u32(word)
  return 'ipv6'
}

function putRange(w: Writer, { address, lastAddress, port, lastPort }: Nat): number {
  let present = 0
  if (address !== undefined) present |= putAddress(w, address) === 'ipv4' ? range.ipv4Min : range.ipv6Min
  if (lastAddress !== undefined)
    present |= putAddress(w, lastAddress) === 'ipv4' ? range.ipv4Max : range.ipv6Max
  if (port !== undefined) {
    w.u16(port)
    present |= range.portMin
  }
  if (lastPort !== undefined) {
    w.u16(lastPort)
    present |= range.portMax
  }
  return present
}

function encodeNat(w: Writer, nat: Nat): void {
  const start = begin(w, nicira(36))
  const { kind, persistent, hash, random } = nat
  w.zeros(2)
  w.u16(
    (kind === undefined ? 0 : natFlags[kind]) |
      (persistent ? natFlags.persistent : 0) |
      (hash ? natFlags.hash : 0) |
      (random ? natFlags.random : 0),
  )
  w.u16(0)
  w.patchU16(start + 14, putRange(w, nat))
  end(w, start)
}

function readNat(r: Reader): Nat {
  r.skip(2)
  const flags = r.u16()
  const present = r.u16()
  const ipv4 = (): string => formatIpv4(r.u32())
  const ipv6 = (): string => formatIpv6([r.u32(), r.u32(), r.u32(), r.u32()])
  return {
    ...(flags & natFlags.src ? { kind: 'src' } : flags & natFlags.dst ? { kind: 'dst' } : {}),
    ...(flags & natFlags.persistent && { persistent: true }),
    ...(flags & natFlags.hash && { hash: true }),
    ...(flags & natFlags.random && { random: true }),
    ...(present & range.ipv4Min && { address: ipv4() }),
    ...(present & range.ipv4Max && { lastAddress: ipv4() }),
    ...(present & range.ipv6Min && { address: ipv6() }),
    ...(present & range.ipv6Max && { lastAddress: ipv6() }),
    ...(present & range.portMin && { port: r.u16() }),
    ...(present & range.portMax && { lastPort: r.u16() }),
  }
}

/** A number, or the bits of a field that hold it. */
function readZone(r: Reader): number | Subfield | undefined {
  const source = r.window(4)
  if (source.u32() === 0) {
    const zone = r.u16()
    return zone === 0 ? undefined : zone
  }
  const field = readShortHeader(new Reader(r.buffer, source.offset - 4, source.end))
  return subfieldIn(field, readRange(r), r)
}

/** What `ct` does to its connection: a translation that comes first stands apart. */
export function splitNat(actions: readonly Action[]): Pick<ActionOf<'ct'>, 'nat' | 'exec'> {
  const [first, ...others] = actions
  if (first?.type !== 'nat') return actions.length > 0 ? { exec: actions } : {}
  const { type: _, ...nat } = first
  return others.length > 0 ? { nat, exec: others } : { nat }
}

function decodeCt(r: Reader, context: Context): Action {
  const flags = r.u16()
  const zone = readZone(r)
  const table = r.u8()
  r.skip(3)
  const alg = r.u16()
  const inside = splitNat(context.decode(r))
  return {
    type: 'ct',
    ...(flags & commitFlag && { commit: true }),
    ...(flags & forceFlag && { force: true }),
    ...(zone !== undefined && { zone }),
    ...(table !== noTable && { table }),
    ...(alg !== 0 && { alg }),
    ...inside,
  }
}

export const ct: Definitions<'ct' | 'nat' | 'clone'> = {
  ct: {
    encode(w, { commit, force, zone = 0, table = noTable, alg = 0, nat, exec = [] }, context) {
      const start = begin(w, nicira(35))
      w.u16((commit ? commitFlag : 0) | (force ? forceFlag : 0))
      if (typeof zone === 'number') {
        w.u32(0)
        w.u16(zone)
      } else {
        writeShortHeader(w, zone)
        writeRange(w, zone)
      }
      w.u8(table)
      w.zeros(3)
      w.u16(alg)
      if (nat !== undefined) encodeNat(w, nat)
      context.encode(w, exec)
      end(w, start)
    },
    decode: { [nicira(35)]: decodeCt },
  },
  nat: {
    encode: encodeNat,
    decode: { [nicira(36)]: (r) => ({ type: 'nat', ...readNat(r) }) },
  },
  clone: {
    encode(w, { actions }, context) {
      const start = begin(w, nicira(42))
      w.zeros(6)
      context.encode(w, actions)
      end(w, start)
    },
    decode: {
      [nicira(42)]: (r, context) => {
        r.skip(6)
        return { type: 'clone', actions: context.decode(r) }
      },
    },
  },
}
