import { filter, firstValueFrom } from 'rxjs'
import { column, openSession } from 'sluice/ovsdb'

/** Of all the programs that call this on one cluster, one at a time counts. `endpoints`: `ssl:a:6641,ssl:b:6641,…`. */
export async function countAlone(endpoints: string): Promise<number> {
  const session = openSession({
    endpoint: endpoints,
    database: 'Open_vSwitch',
    tables: { Open_vSwitch: { next_cfg: column.integer } },
    leaderOnly: true,
  })
  try {
    const lock = session.lock('counter')
    await firstValueFrom(lock.states.pipe(filter((held) => held)))
    const rows = await session.transact((tx) => {
      tx.assert('counter') // fails the transaction if the lock was lost meanwhile
      tx.mutate('Open_vSwitch', [], [['next_cfg', '+=', 1]])
      return tx.select('Open_vSwitch', [])
    })
    await lock.unlock()
    return rows[0]?.next_cfg ?? 0
  } finally {
    await session.close()
  }
}
