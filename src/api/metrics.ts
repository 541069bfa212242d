import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { ControllerApi, HostStatus } from './contract.js'
import { inOneGo } from './in-one-go.js'
import { routerMetrics } from './router-metrics.js'
import { serviceMetrics } from './service-metrics.js'

/** The controller's metrics; values are taken when they are asked for. */
export function createMetrics(api: ControllerApi): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const status = inOneGo(() => api.status())
  const figures = inOneGo(() => api.figures())

  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(value())
      },
    })
  const hostGauge = (name: string, help: string, value: (host: HostStatus) => number) =>
    new Gauge({
      name,
      help,
      registers,
      labelNames: ['host'],
      collect() {
        this.reset()
        for (const host of status().hosts) this.set({ host: host.name }, value(host))
      },
    })
  const hostCounter = (name: string, help: string, value: (host: HostStatus) => number) =>
    new Counter({
      name,
      help,
      registers,
      labelNames: ['host'],
      collect() {
        this.reset()
        for (const host of status().hosts) this.inc({ host: host.name }, value(host))
      },
    })
  const tally = (name: string, help: string, label: string, counts: () => Readonly<Record<string, number>>) =>
    new Counter({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset()
        for (const [value, count] of Object.entries(counts())) this.inc({ [label]: value }, count)
      },
    })
  const ruleCounter = (unit: 'packets' | 'bytes') =>
    new Counter({
      name: `sluice_policy_${unit}_total`,
      help: `What rules of policies have decided on, in ${unit}.`,
      registers,
      labelNames: ['policy', 'direction', 'rule', 'verdict'],
      async collect() {
        const rules = await api.ruleCounters()
        this.reset()
        for (const { policy, direction, rule, ...counts } of rules)
          for (const verdict of ['allowed', 'denied', 'replies'] as const)
            this.inc({ policy, direction, rule, verdict }, Number(counts[verdict][unit]))
      },
    })

  gauge('sluice_revision', 'Revision of the policy directory in force.', () => status().revision)
  gauge('sluice_policy_errors', 'Errors in the policy directory.', () => status().errors.length)
  gauge('sluice_converged', 'Whether every reachable host has the newest revision.', () =>
    Number(status().converged),
  )
  gauge(
    'sluice_hosts_connected',
    'Hosts whose connections stand.',
    () => status().hosts.filter((host) => host.connected).length,
  )
  hostGauge('sluice_host_connected', 'Whether the host’s connections stand.', (host) =>
    Number(host.connected),
  )
  hostGauge(
    'sluice_host_revision',
    'Newest revision that the host has acknowledged.',
    (host) => host.revision,
  )
  hostGauge('sluice_host_flows_desired', 'Flows that the host should have.', (host) => host.desired)
  hostGauge('sluice_host_flows_installed', 'Flows that the host has.', (host) => host.flows)
  hostCounter('sluice_flow_mods_total', 'Flow-mods sent to the host.', (host) => host.flowMods)
  hostCounter(
    'sluice_repaired_total',
    'Flows that were not as they should be, and were put right.',
    (host) => host.repaired,
  )
  new Gauge({
    name: 'sluice_objects',
    help: 'Objects in force, by kind.',
    registers,
    labelNames: ['kind'],
    collect() {
      this.reset()
      for (const [kind, count] of Object.entries(figures().objects)) this.set({ kind }, count)
    },
  })
  new Gauge({
    name: 'sluice_gateway_hosts',
    help: 'Hosts of a gateway that several can carry, by state: active, standby, no uplink, down.',
    registers,
    labelNames: ['gateway', 'host', 'state'],
    collect() {
      this.reset()
      for (const { name: gateway, hostStates } of figures().gateways)
        for (const [host, state] of Object.entries(hostStates)) this.set({ gateway, host, state }, 1)
    },
  })
  new Counter({
    name: 'sluice_gateway_takeovers_total',
    help: 'Times that another host has taken over a gateway.',
    registers,
    labelNames: ['gateway'],
    collect() {
      this.reset()
      for (const { name: gateway, takeovers } of figures().gateways) this.inc({ gateway }, takeovers)
    },
  })
  new Gauge({
    name: 'sluice_gateway_held',
    help: 'Whether hosts stay with whoever carries a gateway, also while no controller runs: 1, else 0.',
    registers,
    labelNames: ['gateway'],
    collect() {
      this.reset()
      for (const { name: gateway, held } of figures().gateways) this.set({ gateway }, Number(held))
    },
  })
  new Gauge({
    name: 'sluice_gateway_uplink_watched',
    help: 'Whether hosts of a gateway notice by themselves that its uplink is cut: 1, else 0.',
    registers,
    labelNames: ['gateway'],
    collect() {
      this.reset()
      for (const { name: gateway, uplinkWatched } of figures().gateways)
        this.set({ gateway }, Number(uplinkWatched))
    },
  })
  new Gauge({
    name: 'sluice_links',
    help: 'Tunnels and uplinks, by state: up, down, unknown.',
    registers,
    labelNames: ['type', 'state'],
    collect() {
      const { tunnels, uplinks } = figures().links
      for (const [type, counts] of Object.entries({ tunnel: tunnels, uplink: uplinks }))
        for (const [state, count] of Object.entries(counts)) this.set({ type, state }, count)
    },
  })
  new Gauge({
    name: 'sluice_host_links_down',
    help: 'Tunnels and uplinks of the host that are down; absent: none.',
    registers,
    labelNames: ['host'],
    collect() {
      this.reset()
      for (const [host, count] of Object.entries(figures().links.downByHost)) this.set({ host }, count)
    },
  })
  gauge(
    'sluice_lldp_neighbours',
    'Stations outside that announce themselves by LLDP.',
    () => figures().links.neighbours,
  )
  for (const [name, help, value] of [
    ['sluice_link_failures_total', 'Times that a link has become down.', 'failures'],
    ['sluice_link_probes_total', 'Probes sent through tunnels.', 'probes'],
    ['sluice_lldp_malformed_total', 'LLDP frames that could not be read.', 'malformed'],
    ['sluice_lldp_refused_total', 'LLDP frames of more neighbours than an uplink can have.', 'refused'],
  ] as const)
    counter(name, help, () => figures().links[value])
  for (const unit of ['packets', 'bytes'] as const)
    new Counter({
      name: `sluice_gateway_${unit}_total`,
      help: `What gateways have translated, sent, received, or refused for want of a port, in ${unit}.`,
      registers,
      labelNames: ['gateway', 'result'],
      async collect() {
        const gateways = await api.gatewayCounters()
        this.reset()
        for (const { gateway, ...counts } of gateways)
          for (const result of ['sent', 'received', 'refused'] as const)
            this.inc({ gateway, result }, Number(counts[result][unit]))
      },
    })
  for (const unit of ['packets', 'bytes'] as const)
    new Counter({
      name: `sluice_bandwidth_${unit}_total`,
      help: `What limits have let pass and dropped, in ${unit}.`,
      registers,
      labelNames: ['bandwidth', 'result'],
      async collect() {
        const limits = await api.limitCounters()
        this.reset()
        for (const [bandwidth, counts] of limits)
          for (const result of ['passed', 'dropped'] as const)
            this.inc({ bandwidth, result }, Number(counts[result][unit]))
      },
    })
  gauge('sluice_units', 'Rules applied to rows, each of which has its flows.', () => figures().units)
  counter(
    'sluice_packet_ins_total',
    'Packets that switches sent to the controller.',
    () => figures().packetIns,
  )
  for (const [name, help] of [
    ['received', 'Packets that switches sent for a verdict.'],
    ['malformed', 'Packets sent for a verdict that could not be read.'],
    ['stale', 'Packets sent for a verdict of a workload, policy or rule that is gone.'],
    ['answered', 'Senders that were told that their packet was rejected.'],
  ] as const)
    counter(`sluice_verdicts_${name}_total`, help, () => figures().verdicts[name])
  for (const unit of ['packets', 'bytes'] as const)
    for (const [label, help, counts] of [
      ['route', 'What routes have taken, dropped or sent on', () => api.routeCounters()],
      ['mirror', 'Copies that mirrors have made', () => api.mirrorCounters()],
    ] as const)
      new Counter({
        name: `sluice_${label}_${unit}_total`,
        help: `${help}, in ${unit}.`,
        registers,
        labelNames: [label],
        async collect() {
          const counted = await counts()
          this.reset()
          for (const [id, each] of counted) this.inc({ [label]: id }, Number(each[unit]))
        },
      })
  serviceMetrics(api, registry)
  routerMetrics(() => figures().router, registry)
  for (const [name, help, label, part] of [
    ['requests', 'Messages of DHCP clients.', 'type', 'requests'],
    ['answers', 'Answers to DHCP clients.', 'type', 'answers'],
    ['ignored', 'Messages of DHCP clients that got no answer.', 'reason', 'ignored'],
    ['foreign_servers', 'Packets of workloads that play DHCP server.', 'workload', 'foreignServers'],
  ] as const)
    tally(`sluice_dhcp_${name}_total`, help, label, () => figures().dhcp[part])
  new Counter({
    name: 'sluice_services_total',
    help: 'Packets that workloads sent to services of their networks, by service and by what became of them.',
    registers,
    labelNames: ['service', 'outcome'],
    collect() {
      this.reset()
      for (const [service, outcomes] of Object.entries(figures().services.outcomes))
        for (const [outcome, count] of Object.entries(outcomes)) this.inc({ service, outcome }, count)
    },
  })
  tally(
    'sluice_foreign_routers_total',
    'Packets of workloads that play router.',
    'workload',
    () => figures().services.foreignRouters,
  )
  gauge(
    'sluice_stations',
    'Stations of networks that are known although no file says their MACs.',
    () => figures().whereabouts.known,
  )
  for (const [name, help] of [
    ['asked', 'Questions where a station of a network is.'],
    ['answered', 'Answers of stations of networks.'],
    ['malformed', 'Packets about stations of networks that could not be read.'],
  ] as const)
    counter(`sluice_stations_${name}_total`, help, () => figures().whereabouts[name])
  ruleCounter('packets')
  ruleCounter('bytes')
  counter('sluice_transactions_total', 'Transactions of the model.', () => figures().transactions)
  counter('sluice_compile_seconds_total', 'Seconds spent compiling.', () => figures().compileSeconds)
  return registry
}
