import { toInteger } from '../openflow/actions/bits.js'
import { type FieldName, fieldSpec } from '../openflow/fields.js'
import { type Action, type Flow, type Subfield, wholeField } from '../openflow/flow.js'
import type { Header } from './header.js'
import type { OpenStep, Run } from './run.js'

/**
 * Does an action that writes fields, registers among them; answers false for other actions. A field that the packet
 * does not have is neither read nor written.
 */
export function setFields<F extends Flow>(run: Run<F>, step: OpenStep<F>, action: Action): boolean {
  const { header, stack } = run
  switch (action.type) {
    case 'setField': {
      const spec = fieldSpec(action.field)
      const value = toInteger(spec, action.value)
      const mask = action.mask === undefined ? undefined : toInteger(spec, action.mask)
      if (header.has(action.field))
        put(
          header,
          step,
          action.field,
          mask === undefined ? value : (header.get(action.field) & ~mask) | (value & mask),
        )
      return true
    }
    case 'load':
      if (header.has(action.dst.field)) write(header, step, action.dst, action.value)
      return true
    case 'move':
      if (header.has(action.src.field) && header.has(action.dst.field))
        write(header, step, action.dst, header.read(action.src))
      return true
    case 'push':
      stack.push(header.read(action.src))
      return true
    case 'pop':
      write(header, step, action.dst, stack.pop() ?? 0n)
      return true
    case 'writeMetadata': {
      const { value, mask } = action
      const kept = mask === undefined ? 0n : header.get('metadata') & ~mask
      put(header, step, 'metadata', kept | (mask === undefined ? value : value & mask))
      return true
    }
    case 'pushVlan':
      put(header, step, 'vlanTci', 0x1000n)
      return true
    case 'popVlan':
      put(header, step, 'vlanTci', 0n)
      return true
    case 'setTtl':
      if (header.has('ipTtl')) put(header, step, 'ipTtl', BigInt(action.ttl))
      return true
    case 'checkPktLarger':
      write(header, step, action.dst, (run.packet.length ?? 0) > action.bytes ? 1n : 0n)
      return true
    default:
      return false
  }
}

/** Lowers the TTL; false where it has come to its end. */
export function lowerTtl<F extends Flow>({ header }: Run<F>, step: OpenStep<F>): boolean {
  if (!header.has('ipTtl')) return true
  const ttl = header.get('ipTtl')
  if (ttl <= 1n) return false
  put(header, step, 'ipTtl', ttl - 1n)
  return true
}

function write<F extends Flow>(header: Header, step: OpenStep<F>, to: Subfield, value: bigint): void {
  header.write(to, value)
  step.writes.push({ field: to.field, value: header.value(to.field) })
}

function put<F extends Flow>(header: Header, step: OpenStep<F>, field: FieldName, value: bigint): void {
  write(header, step, { ...wholeField(field), bits: fieldSpec(field).size * 8 }, value)
}
