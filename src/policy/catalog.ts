import type { Others, Problem } from './checks.js'
import { check } from './checks.js'
import type { KindName } from './kinds/index.js'
import type { Claim, Links } from './links.js'
import { linksOf } from './links.js'
import { didYouMean } from './nearest.js'
import type { AnyObject, PolicyObject } from './object.js'
import { describe } from './object.js'
import { routeProblems, routersOf } from './routes.js'

/** What is checked as one: an object by itself, a claim, or the routes of a tenant. */
type Unit = AnyObject | { readonly claim: string } | { readonly router: string }

/**
 * Objects that stand beside each other, with what is wrong between them. Putting an object in or taking it out rechecks
 * only what that concerns; the problems are always those that a check of everything would find.
 */
export class Catalog implements Others {
  readonly #links = new Map<AnyObject, Links>()
  readonly #byId = new Map<string, Set<AnyObject>>()
  readonly #byTopic = new Map<string, Set<AnyObject>>()
  readonly #referrers = new Map<string, Set<AnyObject>>()
  readonly #claims = new Map<string, Set<AnyObject>>()
  readonly #problems = new Map<string, readonly Problem[]>()
  readonly #dirty = new Map<string, Unit>()
  #touched = new Set<string>()
}
