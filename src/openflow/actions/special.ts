/** Actions few flows use: encapsulation, sampling, and paths chosen by hash. */
import type { Action, ActionOf, EncapProperty } from '../action.js'
import { DecodeError, EncodeError, type Reader, type Writer } from '../bytes.js'
import { fieldSpec } from '../fields.js'
import { narrowPort, Port, widenPort } from '../ports.js'
import {
  readRange,
  readShortHeader,
  subfieldIn,
  UnknownPartError,
  writeRange,
  writeShortHeader,
} from '../subfield.js'
import { hashFields } from '../words.js'
import { begin, type Definitions, end, nicira } from './definition.js'

const pathAlgorithms = ['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'] as const
const bundleAlgorithms = ['active_backup', 'hrw'] as const
const directions = [undefined, 'ingress', 'egress'] as const

function pick<T>(r: Reader, names: readonly T[], number: number): T {
  const name = names[number]
  if (name === undefined) throw new UnknownPartError(`no choice ${number}`, r.offset)
  return name
}

/** Namespace 0, type 0xfffe: the header says itself what follows it. */
const nextProtocol = 0xfffe
const nshClass = 4
const mdType = 1
const tlv = 2

function putProperty(w: Writer, property: EncapProperty): void {
  if (property.type === 'mdType') {
    w.u16(nshClass)
    w.u8(mdType)
    w.u8(5)
    w.u8(property.mdType)
    w.zeros(3)
    return
  }
  const start = w.length
  w.u16(property.type === 'tlv' ? nshClass : property.propertyClass)
  w.u8(property.type === 'tlv' ? tlv : property.propertyType)
  w.u8(0)
  if (property.type === 'tlv') {
    w.u16(property.tlvClass)
    w.u8(property.tlvType)
    w.u8(property.value.length)
    w.bytes(property.value)
    w.pad(8, start)
    w.patchU8(start + 3, w.length - start)
  } else {
    w.bytes(property.value)
    w.patchU8(start + 3, w.length - start)
    w.pad(8, start)
  }
}

function readProperty(r: Reader): EncapProperty {
  const start = r.offset
  const propertyClass = r.u16()
  const propertyType = r.u8()
  const length = r.u8()
  if (length < 4) throw new DecodeError(`property of length ${length}`, start)
  const body = r.window(length - 4)
  r.align(8, start)
  if (propertyClass === nshClass && propertyType === mdType) return { type: 'mdType', mdType: body.u8() }
  if (propertyClass === nshClass && propertyType === tlv) {
    const [tlvClass, tlvType, size] = [body.u16(), body.u8(), body.u8()]
    return { type: 'tlv', tlvClass, tlvType, value: Buffer.from(body.bytes(size)) }
  }
  return { type: 'unknown', propertyClass, propertyType, value: Buffer.from(body.rest()) }
}

function decodeEncap(r: Reader): Action {
  r.skip(2)
  const packetType = r.u32()
  const properties: EncapProperty[] = []
  while (r.remaining > 0) properties.push(readProperty(r))
  return properties.length > 0 ? { type: 'encap', packetType, properties } : { type: 'encap', packetType }
}

function readSample(r: Reader, extended: boolean): Action {
  const [probability, collectorSetId, obsDomainId, obsPointId] = [r.u16(), r.u32(), r.u32(), r.u32()]
  const samplingPort = extended ? widenPort(r.u16()) : Port.any
  const direction = extended ? directions[r.u8()] : undefined
  return {
    type: 'sample',
    probability,
    collectorSetId,
    obsDomainId,
    obsPointId,
    ...(samplingPort !== Port.any && { samplingPort }),
    ...(direction !== undefined && { direction }),
  }
}

function encodeBundle(w: Writer, { fields, basis, algorithm, members, dst }: ActionOf<'bundle'>): void {
  const start = begin(w, nicira(dst === undefined ? 12 : 13))
  w.u16(bundleAlgorithms.indexOf(algorithm))
  w.u16(hashFields.indexOf(fields))
  w.u16(basis)
  writeShortHeader(w, { field: 'inPort16' })
  w.u16(members.length)
  if (dst === undefined) w.zeros(6)
  else {
    writeRange(w, dst)
    writeShortHeader(w, dst)
  }
  w.zeros(4)
  for (const member of members) w.u16(narrowPort(member))
  end(w, start)
}

function decodeBundle(r: Reader, load: boolean): Action {
  const algorithm = pick(r, bundleAlgorithms, r.u16())
  const fields = pick(r, hashFields, r.u16())
  const basis = r.u16()
  r.skip(4)
  const count = r.u16()
  const range = readRange(r)
  const dst = load ? subfieldIn(readShortHeader(r), range, r) : undefined
  r.skip(load ? 4 : 8)
  if (count * 2 > r.remaining) throw new DecodeError(`${count} members do not fit`, r.offset)
  const members = Array.from({ length: count }, () => widenPort(r.u16()))
  return { type: 'bundle', fields, basis, algorithm, members, ...(dst !== undefined && { dst }) }
}

export const special: Definitions<'encap' | 'decap' | 'sample' | 'multipath' | 'bundle'> = {
  encap: {
    encode(w, { packetType, properties = [] }) {
      const start = begin(w, nicira(46))
      w.u16(0)
      w.u32(packetType)
      for (const property of properties) putProperty(w, property)
      end(w, start)
    },
    decode: { [nicira(46)]: decodeEncap },
  },
  decap: {
    encode(w, { packetType = nextProtocol }) {
      const start = begin(w, nicira(47))
      w.u16(0)
      w.u32(packetType)
      end(w, start)
    },
    decode: {
      [nicira(47)]: (r) => {
        r.skip(2)
        const packetType = r.u32()
        return packetType === nextProtocol ? { type: 'decap' } : { type: 'decap', packetType }
      },
    },
  },
  sample: {
    encode(w, { probability, collectorSetId, obsDomainId, obsPointId, samplingPort, direction }) {
      const code = direction !== undefined ? 41 : samplingPort !== undefined ? 38 : 29
      const start = begin(w, nicira(code))
      w.u16(probability)
      w.u32(collectorSetId)
      w.u32(obsDomainId)
      w.u32(obsPointId)
      if (code !== 29) {
        w.u16(narrowPort(samplingPort ?? Port.any))
        w.u8(directions.indexOf(direction))
      }
      end(w, start)
    },
    decode: {
      [nicira(29)]: (r) => readSample(r, false),
      [nicira(38)]: (r) => readSample(r, true),
      [nicira(41)]: (r) => readSample(r, true),
    },
  },
  multipath: {
    encode(w, { fields, basis, algorithm, links, arg, dst }) {
      if (fieldSpec(dst.field).bits < dst.bits) throw new EncodeError(`${dst.field} has not ${dst.bits} bits`)
      const start = begin(w, nicira(10))
      w.u16(hashFields.indexOf(fields))
      w.u16(basis)
      w.u16(0)
      w.u16(pathAlgorithms.indexOf(algorithm))
      w.u16(links - 1)
      w.u32(arg)
      w.u16(0)
      writeRange(w, dst)
      writeShortHeader(w, dst)
      end(w, start)
    },
    decode: {
      [nicira(10)]: (r) => {
        const fields = pick(r, hashFields, r.u16())
        const basis = r.u16()
        r.skip(2)
        const algorithm = pick(r, pathAlgorithms, r.u16())
        const links = r.u16() + 1
        const arg = r.u32()
        r.skip(2)
        const range = readRange(r)
        const dst = subfieldIn(readShortHeader(r), range, r)
        return { type: 'multipath', fields, basis, algorithm, links, arg, dst }
      },
    },
  },
  bundle: {
    encode: encodeBundle,
    decode: {
      [nicira(12)]: (r) => decodeBundle(r, false),
      [nicira(13)]: (r) => decodeBundle(r, true),
    },
  },
}
