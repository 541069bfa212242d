import type { Logger } from 'pino'
import type { Model } from '../../model/model.js'
import type { Follower } from '../loop.js'
import { RowLog } from '../row-log.js'
import { routeToNobody, serviceBeyondLimit, serviceWithoutBackends } from './warnings.js'

/**
 * Log when a route comes to lead by somebody who is not there, or a service has no backends or too many, and when that is
 * over.
 */
export function warningLogs(model: Model, log: Logger): readonly Follower[] {
  const tell = (text: string | undefined, before: string | undefined) => {
    if (text !== undefined) log.warn(text)
    if (before !== undefined) log.info(`no longer: ${before}`)
  }
  return [
    new RowLog(model, 'route', routeToNobody, tell),
    new RowLog(model, 'service', serviceWithoutBackends, tell),
    new RowLog(model, 'service', serviceBeyondLimit, tell),
  ]
}
