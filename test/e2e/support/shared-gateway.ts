import { until } from './open-vswitch.js'
import type { TestCluster, TestClusterOptions } from './test-cluster.js'
import { wide } from './wide.js'

/** A station outside, and the floating addresses of usr2-4. */
export const outside = '162.105.175.1'
export const outside6 = '2001:db8:ff::1'
export const floating = '162.105.175.77'
export const floating6 = '2001:db8:ff::77'

/** Three hosts of two tenants, whose gateway, by both IP versions, two of them can carry. */
export const sharedGateway: TestClusterOptions = {
  scenario: 'tenants-gre',
  edit: (files) => {
    wide(files)
    const wire6 = `subnet6: 2001:db8:ff::/64\naddress6: 2001:db8:ff::70\nnextHop6: ${outside6}\n`
    files.edit('gateway.yaml', 'hosts: [vm1]', 'hosts: [vm1, vm2]')
    files.edit('gateway.yaml', /$/, wire6)
    files.edit('lab.yaml', /^ {2}address: .*$/m, `$&\n  address6: ${outside6}/64`)
    for (const tenant of [1, 2]) {
      files.edit(`usr${tenant}.yaml`, /^gateway: 192.*$/m, `$&\nsubnet6: 2001:db8:${tenant}::/64`)
      const both = `ip: [192.168.${tenant}.5, "2001:db8:${tenant}::5"]`
      files.edit(`usr${tenant}.yaml`, new RegExp(`^ip: 192\\.168\\.${tenant}\\.5$`, 'm'), both)
    }
    const address = (name: string, value: string) =>
      `kind: FloatingIp\ntenant: usr2\nname: ${name}\naddress: "${value}"\nworkload: usr2-4\ngateway: campus\n`
    files.write('floating.yaml', `${address('four', floating)}---\n${address('six', floating6)}`)
  },
}

/** Waits until the floating addresses answer. */
export async function floatingAnswers(cluster: TestCluster): Promise<void> {
  for (const address of [floating, floating6])
    await until(address, async () => (await cluster.ping('station', address, 1)).received > 0)
}
