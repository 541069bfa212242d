import type { PolicyErrorCode } from '../codes.js'
import type { KindName } from '../kinds/index.js'
import type { AnyObject, PolicyObject } from '../object.js'
import type { Path } from '../text/yaml.js'

/** What is wrong with an object among the others. */
export interface Problem {
  readonly object: AnyObject
  readonly path: Path
  readonly code: PolicyErrorCode
  readonly message: string
  /** The other object that it is at odds with, and the field of it. */
  readonly other?: { readonly object: AnyObject; readonly path: Path }
  /** Id of the object that it refers to in vain. */
  readonly missing?: string
}

/** What the checks see of the other objects. */
export interface Others {
  find<K extends KindName>(kind: K, id: string): PolicyObject<K> | undefined
  /** The objects of a kind that are part of a topic. */
  topic<K extends KindName>(kind: K, topic: string): Iterable<PolicyObject<K>>
}

/** What is wrong with the object that is looked at. */
export type Complaint = Omit<Problem, 'object'>
