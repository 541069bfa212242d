import type { LabWorkload } from './plan.js'

/**
 * Everything that a lab consists of, in the order in which it is made (and the other way round, removed).
 * Two things of the same kind and id are the same thing; a thing whose `spec` differs is made anew.
 */
export const kinds = ['namespace', 'wire', 'ovs', 'link', 'address', 'controller', 'plug'] as const
export type Kind = (typeof kinds)[number]

interface ThingOf<K extends Kind, Spec> {
  readonly kind: K
  readonly id: string
  readonly spec: Spec
}

/** A network namespace; `id` is a host, `tenant/name` of a workload, or a fixed name. */
export type NamespaceThing = ThingOf<'namespace', { readonly role: 'host' | 'workload' | 'fixed' }>
/** A bridge of Linux in the wire's namespace; `id` is `underlay` or `outside`, which may be joined to the first. */
export type WireThing = ThingOf<'wire', { readonly joined?: 'underlay' }>
/** ovsdb-server and ovs-vswitchd of the host `id`. */
export type OvsThing = ThingOf<
  'ovs',
  { readonly remotes: readonly string[]; readonly files: readonly string[] }
>
/**
 * A veth pair from the wire to a namespace; with `bridge`, its end there is a port of that Open vSwitch bridge.
 * `id` is the namespace and the device that carries the addresses.
 */
export type LinkThing = ThingOf<
  'link',
  {
    readonly namespace: string
    readonly wire: 'underlay' | 'outside'
    readonly device: string
    readonly mtu: number
    readonly bridge?: string
  }
>
/** The addresses of a device in the namespace `id`. */
export type AddressThing = ThingOf<
  'address',
  { readonly device: string; readonly addresses: readonly string[] }
>
/** The controller's process; `pid` is known when it has been started. */
export type ControllerThing = ThingOf<
  'controller',
  {
    readonly argv: readonly string[]
    readonly socket: string
    readonly log: string
    /** The socket's directory, where the lab had to make it. */
    readonly made: readonly string[]
    readonly pid?: number
  }
>
/** A workload's veth pair, port and addresses. */
export type PlugThing = ThingOf<
  'plug',
  { readonly host: string; readonly bridge: string; readonly workload: LabWorkload }
>

export type Thing =
  | NamespaceThing
  | WireThing
  | OvsThing
  | LinkThing
  | AddressThing
  | ControllerThing
  | PlugThing
export type ThingFor<K extends Kind> = Extract<Thing, { kind: K }>

export const keyOf = ({ kind, id }: { readonly kind: Kind; readonly id: string }): string => `${kind} ${id}`

/** Narrows a thing to one kind. */
export const isKind = <K extends Kind>(kind: K, thing: Thing): thing is ThingFor<K> => thing.kind === kind

/** Narrows a value that was read back from a journal, which nothing but this program writes. */
export function isThing(value: unknown): value is Thing {
  if (typeof value !== 'object' || value === null) return false
  if (!('kind' in value) || !('id' in value) || !('spec' in value)) return false
  return kinds.some((kind) => kind === value.kind) && typeof value.id === 'string'
}

/** What must be there first, as keys; when one of these is made anew, so is the thing. */
export function needsOf(thing: Thing): string[] {
  const namespace = (id: string) => keyOf({ kind: 'namespace', id })
  switch (thing.kind) {
    case 'namespace':
      return []
    case 'wire':
      return [
        namespace('wire'),
        ...(thing.spec.joined === undefined ? [] : [keyOf({ kind: 'wire', id: thing.spec.joined })]),
      ]
    case 'ovs':
      return [namespace(thing.id)]
    case 'link':
      return [
        namespace(thing.spec.namespace),
        keyOf({ kind: 'wire', id: thing.spec.wire }),
        ...(thing.spec.bridge === undefined ? [] : [keyOf({ kind: 'ovs', id: thing.spec.namespace })]),
      ]
    case 'address':
      return [keyOf({ kind: 'link', id: `${thing.id} ${thing.spec.device}` })]
    case 'controller':
      return [namespace('controller')]
    case 'plug':
      return [namespace(thing.id), keyOf({ kind: 'ovs', id: thing.spec.host })]
  }
}
