import type { TestCluster } from './test-cluster.js'

const workload = (tenant: string, name: string, ip: string): string =>
  `\n---\nkind: Workload\ntenant: ${tenant}\nname: ${name}\nnetwork: lan\nip: ${ip}\n`

/** Adds to the two tenants on two hosts: a third host, and of each tenant a second workload on vm1 and one on vm3. */
export function wide(cluster: TestCluster): void {
  cluster.write('hosts.yaml', `${cluster.read('hosts.yaml')}---\n${hostDocument('vm3', '162.105.175.62')}`)
  for (const [tenant, net] of [
    ['usr1', '192.168.1'],
    ['usr2', '192.168.2'],
  ] as const) {
    const more = [workload(tenant, `${tenant}-3`, `${net}.4`), workload(tenant, `${tenant}-4`, `${net}.5`)]
    cluster.write(`${tenant}.yaml`, cluster.read(`${tenant}.yaml`) + more.join(''))
  }
  cluster.edit('lab.yaml', /^ {2}vm1: .*$/m, '  vm1: [usr1/usr1-1, usr1/usr1-3, usr2/usr2-1, usr2/usr2-3]')
  cluster.edit('lab.yaml', /^ {2}vm2: .*$/m, '$&\n  vm3: [usr1/usr1-4, usr2/usr2-4]')
}

export function hostDocument(name: string, address: string): string {
  return `kind: Host\nname: ${name}\novsdb: tcp:${address}:6640\ntunnelIp: ${address}\n`
}
