/** A short run of what `npm run fuzz` does at length. */
import test from 'ava'
import { fuzz } from './run.js'

for (const [kind, count] of [
  ['messages', 40_000],
  ['texts', 20_000],
  ['dhcp', 20_000],
  ['stations', 20_000],
  ['stranded', 20_000],
  ['lldp', 20_000],
] as const)
  test(`${count} damaged ${kind} decode or are refused, without a crash, hang or leak`, async (t) => {
    const outcome = await fuzz({ kind, count, seed: 1, until: Number.POSITIVE_INFINITY })
    t.is(outcome.failure, undefined)
    t.is(outcome.done, count)
    t.true(outcome.decoded > count / 20 && outcome.decoded < count, `${outcome.decoded} decoded`)
    t.true(outcome.grownBytes < 32 << 20, `${outcome.grownBytes} bytes more`)
  })
