import test from 'ava'
import { pipeline } from '../../flows/pipeline.js'
import { scopesOfHost } from '../../flows/scopes.js'
import { outerEngine } from '../../src/controller/outer-bridges.js'
import { Model } from '../../src/model/model.js'
import { Engine } from '../../src/pipeline/engine.js'
import { hostAddress, twoTenants } from '../support/cluster.js'
import { gateway, put } from '../support/rows.js'

test('two engines over one model each run their own units only', (t) => {
  const model = new Model()
  const engines = [new Engine(model, pipeline, scopesOfHost), outerEngine(model)]
  for (const changes of [twoTenants, hostAddress, [put('gateway', gateway('out', 9))]]) {
    const commit = model.commit(changes)
    for (const engine of engines) {
      engine.apply(commit)
      t.true(engine.run())
    }
  }
  const [ours, outer] = engines
  t.true((ours?.desired('h1')?.size ?? 0) > 0)
  t.is(outer?.desired('h1/br-ex')?.size, 0)
})
