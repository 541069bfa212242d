import { fromInteger, toInteger } from '../openflow/actions/bits.js'
import { type FieldName, type FieldValue, fieldSpec } from '../openflow/fields.js'
import type { Subfield } from '../openflow/flow.js'
import type { AnyValue } from '../openflow/value.js'
import { aliases, headerWords, placeOf, wholeFields } from './layout.js'
import { hasField } from './prerequisites.js'

/** Values of fields by name; what is left out is zero. */
export type Fields = { readonly [F in FieldName]?: FieldValue<F> }

/** All fields of a packet and of what a switch keeps with it, as 32-bit words. */
export class Header {
  private constructor(readonly words: Uint32Array) {}

  /** @throws ExecutionError for a tunnel option, EncodeError for what is no value of its field */
  static of(fields: Fields): Header {
    const header = new Header(new Uint32Array(headerWords))
    for (const [name, value] of Object.entries(fields)) {
      const field = name as keyof Fields
      if (value !== undefined) header.set(field, toInteger(fieldSpec(field), value))
    }
    return header
  }

  copy(): Header {
    return new Header(this.words.slice())
  }

  /** The field as an unsigned integer. */
  get(field: FieldName): bigint {
    const alias = aliases.get(field)
    if (alias) return alias.from(this.get(alias.of))
    const { word, words, shift, bits } = placeOf(field)
    if (words === 1) return BigInt((this.words[word] ?? 0) >>> shift) & ones(bits)
    let value = 0n
    for (let i = word; i < word + words; i++) value = (value << 32n) | BigInt(this.words[i] ?? 0)
    return value & ones(bits)
  }

  /** A field of at most 32 bits. */
  number(field: FieldName): number {
    return Number(this.get(field))
  }

  set(field: FieldName, value: bigint): void {
    const alias = aliases.get(field)
    if (alias) {
      this.set(alias.of, alias.to(value))
      return
    }
    const { word, words, shift, bits } = placeOf(field)
    const mask = ones(bits) << BigInt(shift)
    let rest = (value << BigInt(shift)) & mask
    let left = mask
    for (let i = word + words - 1; i >= word; i--) {
      const cleared = BigInt(this.words[i] ?? 0) & ~left & 0xffffffffn
      this.words[i] = Number(cleared | (rest & 0xffffffffn))
      rest >>= 32n
      left >>= 32n
    }
  }

  read({ field, offset, bits }: Subfield): bigint {
    return (this.get(field) >> BigInt(offset)) & ones(bits)
  }

  write({ field, offset, bits }: Subfield, value: bigint): void {
    const mask = ones(bits) << BigInt(offset)
    this.set(field, (this.get(field) & ~mask) | ((value << BigInt(offset)) & mask))
  }

  /** The field as its own kind of value. */
  value(field: FieldName): AnyValue {
    return fromInteger(fieldSpec(field), this.get(field))
  }

  /** Whether a packet with this header has the field at all. */
  has(field: FieldName): boolean {
    return hasField(field, this)
  }

  /** The fields that are there and not zero. */
  fields(): Fields {
    return Object.fromEntries(
      wholeFields
        .filter((field) => this.has(field) && this.get(field) !== 0n)
        .map((field) => [field, this.value(field)]),
    )
  }
}

function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n
}
