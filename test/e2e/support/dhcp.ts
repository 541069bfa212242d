import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Program } from './program.js'
import type { TestCluster } from './test-cluster.js'

/** What dhclient runs: takes the lease over into the device and prints it; files of the machine stay as they are. */
const script = `#!/bin/sh
case $reason in
  PREINIT) ip link set "$interface" up ;;
  BOUND | RENEW | REBIND | REBOOT)
    ip addr replace "$new_ip_address/$new_subnet_mask" dev "$interface"
    [ -z "$new_routers" ] || ip route replace default via "$new_routers"
    echo "$reason address=$new_ip_address mask=$new_subnet_mask router=$new_routers dns=$new_domain_name_servers" \\
      "domain=$new_domain_name mtu=$new_interface_mtu hostname=$new_host_name lease=$new_dhcp_lease_time"
    ;;
  *) echo "$reason" ;;
esac
`

const configuration = `request subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, host-name, interface-mtu;
timeout 20;
retry 2;
`

/** udhcpc with the script of the scenario, which stays until it is ended unless it is told to quit. */
export function udhcpc(cluster: TestCluster, ...args: readonly string[]): string[] {
  const lease = join(cluster.directory, 'lease.sh')
  return ['udhcpc', '-i', 'eth0', '-f', '-n', '-A', '1', '-t', '8', '-O', 'mtu', '-s', lease, ...args]
}

/** Runs udhcpc once in a namespace of the lab and returns what it has got, in a line. */
export async function leaseOf(cluster: TestCluster, name: string): Promise<string> {
  const { stdout, stderr } = await cluster.lab.exec(name, udhcpc(cluster, '-q'))
  const line = stdout.split('\n').find((each) => each.startsWith('bound '))
  if (line === undefined) throw new Error(`${name} has got no lease: ${stdout}${stderr}`)
  return line
}

/** Starts dhclient in a namespace of the lab. */
export async function dhclient(cluster: TestCluster, name: string): Promise<Program> {
  const file = (suffix: string) => join(cluster.directory, `.dhclient.${suffix}`)
  writeFileSync(file('sh'), script, { mode: 0o755 })
  writeFileSync(file('conf'), configuration)
  const files = ['-sf', file('sh'), '-cf', file('conf'), '-lf', file('leases'), '-pf', file('pid')]
  return Program.start(
    cluster.lab,
    name,
    ['dhclient', '-4', '-d', '-v', ...files, 'eth0'],
    /DHCPACK|No DHCPOFFERS/,
  )
}
