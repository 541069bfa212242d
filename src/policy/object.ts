import type { Fields, KindName } from './kinds/index.js'

/** One version of one policy file. */
export interface Source {
  /** Path as people see it: the directory as it was given, joined with the way below it. */
  readonly file: string
  readonly text: string
}

/** A place in a file that is known; line and column count from 1. */
export interface Spot {
  readonly line: number
  readonly column: number
}

/** One document of a policy file whose own fields are right. */
export interface PolicyObject<K extends KindName = KindName> {
  readonly kind: K
  /** `workload/usr1/web`, `host/vm1`. */
  readonly id: string
  /** Undefined for kinds that have no tenant. */
  readonly tenant?: string
  readonly name: string
  readonly fields: Fields[K]
  readonly source: Source
  /** Which of the file's documents it is, from 0. */
  readonly document: number
  /** Where the document's first field stands, from 1. */
  readonly line: number
  readonly column: number
  /** Where parts of it stand that are shown by themselves: `ingress/0`, a rule of a policy. */
  readonly parts: ReadonlyMap<string, Spot>
}

/** A policy object whose `kind` tells the type of its fields. */
export type AnyObject = { [K in KindName]: PolicyObject<K> }[KindName]

/** A function for each kind; `dispatch` picks the one of an object. */
export type ByKind<Result> = { readonly [K in KindName]: (object: PolicyObject<K>) => Result }

export function dispatch<K extends KindName, Result>(
  table: { readonly [P in K]: (object: PolicyObject<P>) => Result },
  object: PolicyObject<K>,
): Result {
  return table[object.kind](object)
}

/** Id of the object of a kind with this tenant and name. */
export function objectId(kind: KindName, ...names: readonly string[]): string {
  return `${kind.charAt(0).toLowerCase()}${kind.slice(1)}/${names.join('/')}`
}

/** What people call an object: `network usr1/lan`. */
export function describe(id: string): string {
  return id.replace('/', ' ')
}

/** `tenant/name` of a reference, which has no tenant of its own where it means the same one. */
export function resolveReference(tenant: string, reference: string): string {
  return reference.includes('/') ? reference : `${tenant}/${reference}`
}

/** Order that depends only on what the files say: by id, then file, then place in it. */
export function compareObjects(a: PolicyObject, b: PolicyObject): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  if (a.source.file !== b.source.file) return a.source.file < b.source.file ? -1 : 1
  return a.document - b.document
}
