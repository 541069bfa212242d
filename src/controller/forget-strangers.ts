import type { Model } from '../model/model.js'
import type { Change } from '../model/rows.js'

/** Drops what was known of hosts that have left the files while no controller ran. */
export function forgetStrangers(model: Model, commit: (changes: Change[]) => void): void {
  const changes: Change[] = []
  for (const { id, host } of model.rows('port'))
    if (!model.get('host', host)) changes.push({ table: 'port', id })
  for (const { id } of model.rows('bridge')) if (!model.get('host', id)) changes.push({ table: 'bridge', id })
  for (const { id, host } of model.rows('outerBridge'))
    if (!model.get('host', host)) changes.push({ table: 'outerBridge', id })
  commit(changes)
}
