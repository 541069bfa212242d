import type { Model } from '../model/model.js'
import type { Engine } from '../pipeline/engine.js'

/** What an operator should know, although nothing is held back for it. */
export function* warningsOf(model: Model, engine: Engine): Generator<string> {
  yield* duplicateInterfaces(model)
  yield* waitingPeerings(model)
  yield* conflicts(model, engine)
}

function* duplicateInterfaces(model: Model): Generator<string> {
  for (const { interface: iface, id } of model.rows('port')) {
    const ports = model.by('portsByInterface', iface)
    const [used, ...others] = ports
    if (used && used.id === id && others.length > 0)
      yield `iface-id ${iface} is on ${ports.map((port) => port.id).join(' and ')}; ${used.id} is used`
  }
}

function* waitingPeerings(model: Model): Generator<string> {
  for (const { id, tenant, peer } of model.rows('peering')) {
    const consent = model.by('peeringsByTenant', peer).some((other) => other.peer === tenant)
    if (!consent) yield `peering ${id} waits for tenant ${peer} to name ${tenant}`
  }
}

function* conflicts(model: Model, engine: Engine): Generator<string> {
  const said = new Set<string>()
  for (const { id } of model.rows('host'))
    for (const { winner, loser } of engine.desired(id)?.conflicts() ?? []) {
      const text = `${winner.unit.id} and ${loser.unit.id} want different things of the same packets; the first is in force`
      if (!said.has(text)) yield text
      said.add(text)
    }
}
