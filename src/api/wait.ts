import {
  concat,
  defer,
  filter,
  firstValueFrom,
  from,
  fromEvent,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  startWith,
  takeUntil,
  throttleTime,
  timer,
} from 'rxjs'
import type { ControllerApi, Status } from './contract.js'

/** How often a client that waits is looked after. */
const waitIntervalMs = 50

/** The status now and whenever it may have changed, but not more often than once in `intervalMs`. */
export function statuses(api: ControllerApi, intervalMs: number): Observable<Status> {
  return api.statusChanges.pipe(
    startWith(undefined),
    throttleTime(intervalMs, undefined, { leading: true, trailing: true }),
    map(() => api.status()),
  )
}

/**
 * Rereads the directory, so that every change made before the call counts, then resolves with the first status that has
 * converged, or after `seconds`, or once `ended`, with the status as it is then.
 */
export function waitForConvergence(api: ControllerApi, seconds: number, ended: AbortSignal): Promise<Status> {
  const reread = defer(() => from(api.reread())).pipe(ignoreElements())
  const converged = concat(reread, statuses(api, waitIntervalMs)).pipe(filter((status) => status.converged))
  const stop = merge(timer(seconds * 1000), ended.aborted ? of(undefined) : fromEvent(ended, 'abort'))
  const asItIs = defer(() => of(api.status()))
  return firstValueFrom(concat(converged.pipe(takeUntil(stop)), asItIs))
}
