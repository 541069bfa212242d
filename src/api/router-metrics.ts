import { Counter, Gauge, type Registry } from 'prom-client'
import type { Figures } from './contract.js'

/** What routers tell senders, and what is known of connections with stations outside. */
export function routerMetrics(figures: () => Figures['router'], registry: Registry): void {
  const registers = [registry]
  new Counter({
    name: 'sluice_router_answers_total',
    help: 'Senders that were told that their packet cannot go on, by kind.',
    registers,
    labelNames: ['kind'],
    collect() {
      this.reset()
      for (const [kind, count] of Object.entries(figures().answered)) this.inc({ kind }, count)
    },
  })
  for (const [name, help, value] of [
    ['router_suppressed', 'Packets that cannot go on and must not be answered.', () => figures().suppressed],
    ['router_malformed', 'Packets that cannot go on and could not be read.', () => figures().malformed],
    [
      'connections_handed_on',
      'Segments from outside that were handed on to the workload whose connection another host has carried.',
      () => figures().connections.handedOn,
    ],
    [
      'connections_displaced',
      'Connections that were reset, since another one had what they now have outside.',
      () => figures().connections.displaced,
    ],
  ] as const)
    new Counter({
      name: `sluice_${name}_total`,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(value())
      },
    })
  new Gauge({
    name: 'sluice_connections_known',
    help: 'TCP connections with stations outside that were opened of late, and whose workloads are known.',
    registers,
    collect() {
      this.set(figures().connections.known)
    },
  })
}
