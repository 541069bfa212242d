/**
 * Damaged messages, JSON texts, DHCP frames, questions of IPv6 stations, packets that cannot go on and LLDP frames, by the million:
 * `npm run fuzz -- [--messages N] [--texts N] [--dhcp N] [--stations N] [--stranded N] [--lldp N]
 * [--seconds S] [--seed N]`.
 * Exit status 1 where one crashes, hangs, or memory grows.
 */
import { parseArgs } from 'node:util'
import { fuzz } from './run.js'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000000' },
    texts: { type: 'string', default: '1000000' },
    dhcp: { type: 'string', default: '1000000' },
    stations: { type: 'string', default: '1000000' },
    stranded: { type: 'string', default: '1000000' },
    lldp: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '7200' },
    seed: { type: 'string', default: '1' },
  },
})
const until = Date.now() + Number(values.seconds) * 1000
const most = 32 << 20

for (const kind of ['messages', 'texts', 'dhcp', 'stations', 'stranded', 'lldp'] as const) {
  const started = performance.now()
  let told = 0
  const outcome = await fuzz(
    { kind, count: Number(values[kind]), seed: Number(values.seed), until },
    ({ done }) => {
      if (performance.now() - told < 10_000) return
      told = performance.now()
      process.stderr.write(`${kind}: ${done.toLocaleString('en')}\n`)
    },
  )
  const { done, decoded, grownBytes } = outcome
  const failure = outcome.failure ?? (grownBytes > most ? 'memory grows' : undefined)
  const seconds = Math.round((performance.now() - started) / 1000)
  console.log(JSON.stringify({ fuzz: kind, done, decoded, grownBytes, seconds, ...(failure && { failure }) }))
  console.log(
    `${kind}: ${done.toLocaleString('en')} of ${Number(values[kind]).toLocaleString('en')} in ${seconds} s, ` +
      `${decoded.toLocaleString('en')} still decode, memory ${(grownBytes / 1024).toFixed(0)} KiB more: ${failure ?? 'ok'}`,
  )
  if (failure !== undefined) process.exitCode = 1
}
