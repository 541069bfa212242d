import { Counter, Gauge, type Registry } from 'prom-client'
import type { ControllerApi } from './contract.js'

/** Metrics of services, by `tenant/name`: read from the switches when they are asked for. */
export function serviceMetrics(api: ControllerApi, registry: Registry): void {
  const registers = [registry]
  for (const unit of ['packets', 'bytes'] as const)
    new Counter({
      name: `sluice_service_${unit}_total`,
      help: `What clients have sent to services, in ${unit}.`,
      registers,
      labelNames: ['service'],
      async collect() {
        const counters = await api.serviceCounters()
        this.reset()
        for (const { service, packets } of counters) this.inc({ service }, Number(packets[unit]))
      },
    })
  new Counter({
    name: 'sluice_service_connections_total',
    help: 'Packets that have opened connections to backends of services.',
    registers,
    labelNames: ['service', 'backend'],
    async collect() {
      const counters = await api.serviceCounters()
      this.reset()
      for (const { service, backends } of counters)
        for (const { workload: backend, connections } of backends)
          this.inc({ service, backend }, Number(connections))
    },
  })
  new Gauge({
    name: 'sluice_service_backends',
    help: 'Workloads that answer for services: those that run, and get connections.',
    registers,
    labelNames: ['service'],
    async collect() {
      const counters = await api.serviceCounters()
      this.reset()
      for (const { service, backends } of counters)
        this.set({ service }, backends.filter(({ host }) => host !== undefined).length)
    },
  })
}
