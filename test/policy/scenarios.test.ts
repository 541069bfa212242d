/** Every folder of policies/ is what people copy: none has an error. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { PolicyDirectory } from '../../src/policy/index.js'
import { MemoryStore } from '../../src/store/store.js'

const root = fileURLToPath(new URL('../../../policies/', import.meta.url))

for (const scenario of readdirSync(root))
  test(scenario, async (t) => {
    const directory = new PolicyDirectory({
      dirs: [`${root}${scenario}`],
      store: new MemoryStore(),
      random: Math.random,
      now: () => 0,
    })
    const { changes, errors } = await directory.load()
    t.deepEqual(errors.map(String), [])
    t.true(changes.some(({ table }) => table === 'workload'))
    t.true(changes.some(({ table }) => table === 'host'))
  })
