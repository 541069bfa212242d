/** Problems between objects to errors with places. */
import type { Catalog } from './catalog.js'
import type { Problem } from './checks/problem.js'
import { formatPlace, PolicyError } from './errors.js'
import { describe } from './object.js'
import type { Starved } from './rows/rows.js'
import { didYouMean } from './text/nearest.js'
import type { Locator } from './text/yaml.js'

/** Makes errors of problems as the catalog stands. */
export class Report {
  readonly #catalog: Catalog
  readonly #locator: Locator
  readonly #hints = new Map<string, string>()

  readonly #waiting: ReadonlyMap<string, string>

  /** @param waiting files by the ids of objects that they declare, but that are not in force */
  constructor(catalog: Catalog, locator: Locator, waiting: ReadonlyMap<string, string> = new Map()) {
    this.#catalog = catalog
    this.#locator = locator
    this.#waiting = waiting
  }

  error({ object, path, code, message, other, missing }: Problem): PolicyError {
    const place = this.#locator.place(object.source, object.document, path)
    const file = missing === undefined ? undefined : this.#waiting.get(missing)
    if (missing !== undefined && file !== undefined) {
      const text = `${describe(missing)} is not in force: see the errors of ${file}`
      return new PolicyError('held-back', place, text)
    }
    const hint = missing === undefined ? '' : this.#hint(missing)
    const see = other === undefined ? '' : `, see ${formatPlace(this.#placeOf(other))}`
    return new PolicyError(code, place, `${message}${hint}${see}`)
  }

  /** Error of an object for which nothing was left to allocate. */
  shortage({ object, reason: { path, message } }: Starved): PolicyError {
    return this.error({ object, path, code: 'pool-exhausted', message })
  }

  /** Error at the other side of a problem, whose file is held back for it. */
  heldBack({ message, other, object, path }: Problem): PolicyError[] {
    if (other === undefined) return []
    const see = formatPlace(this.#placeOf({ object, path }))
    const text = `${describe(other.object.id)} is held at its last good version: ${message}, see ${see}`
    return [new PolicyError('held-back', this.#placeOf(other), text)]
  }

  #placeOf({ object, path }: NonNullable<Problem['other']>) {
    return this.#locator.place(object.source, object.document, path)
  }

  #hint(id: string): string {
    const known = this.#hints.get(id)
    if (known !== undefined) return known
    const [kind = ''] = id.split('/', 1)
    const tail = (text: string) => text.slice(kind.length + 1)
    const candidates = [...this.#catalog.ids(kind)].map(tail)
    const hint = didYouMean(tail(id), candidates)
    this.#hints.set(id, hint)
    return hint
  }
}
