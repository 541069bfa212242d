import type { Client } from '../api/client.js'
import type { ObjectView } from '../api/contract.js'
import type { LabWorkload } from '../lab/index.js'

/** Every workload as a lab plugs it in: the addresses that the controller has given it, and its network's routers. */
export async function labWorkloads(client: Client): Promise<readonly LabWorkload[]> {
  const networks = new Map<string, ObjectView>()
  for await (const network of client.get('network'))
    networks.set(`${network.tenant}/${network.name}`, network)
  const workloads: LabWorkload[] = []
  for await (const workload of client.get('workload')) {
    const network = networks.get(String(workload.network))
    if (network) workloads.push(labWorkload(workload, network))
  }
  return workloads
}

function labWorkload(workload: ObjectView, network: ObjectView): LabWorkload {
  const addresses = strings(workload.ip).map((address) => `${address}/${prefixOf(network, address)}`)
  const routers =
    network.routed === false && network.vlan === undefined ? [] : strings([network.gateway, network.gateway6])
  return {
    id: `${workload.tenant}/${workload.name}`,
    interface: String(workload.interface),
    mac: String(workload.mac),
    addresses,
    // A router is of use only to a workload that has an address of its family.
    gateways: routers.filter((router) => addresses.some((own) => own.includes(':') === router.includes(':'))),
    mtu: Number(network.mtu),
  }
}

function prefixOf(network: ObjectView, address: string): string {
  const subnet = String(address.includes(':') ? network.subnet6 : network.subnet)
  return subnet.slice(subnet.indexOf('/') + 1)
}

function strings(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string')
}
