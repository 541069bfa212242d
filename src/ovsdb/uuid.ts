import { ValueError } from './errors.js'

declare const brand: unique symbol

/** A row's uuid in the form that OVSDB prints: lower case with four hyphens. */
export type Uuid = string & { readonly [brand]: 'uuid' }

const FORM = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** What a uuid column holds when nothing was written to it. */
export const zeroUuid = '00000000-0000-0000-0000-000000000000' as Uuid

/** Whether a text is a uuid in OVSDB's form. */
export function isUuid(text: unknown): text is Uuid {
  return typeof text === 'string' && FORM.test(text)
}

/**
 * Takes a text for a uuid.
 * @throws ValueError when it is none
 */
export function uuid(text: string): Uuid {
  if (!isUuid(text)) throw new ValueError(`"${text}" is not a uuid`)
  return text
}

/** A row that the same transaction inserts, before it has a uuid (RFC 7047 §3.1, <named-uuid>). */
export class NamedUuid {
  constructor(
    readonly name: string,
    /** Position of the insert in its transaction. */
    readonly index: number,
  ) {}
}
