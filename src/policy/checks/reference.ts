import type { Path } from '../text/yaml.js'

/** A field that names another object. */
export interface Reference {
  readonly id: string
  /** Id of the object that is meant where the other does not exist. */
  readonly otherwise?: string
  readonly path: Path
}
