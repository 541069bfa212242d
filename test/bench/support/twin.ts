import type { Lab } from '../../../src/lab/index.js'
import { namespaceOf } from '../../../src/lab/names.js'

/**
 * Plain switching between the workloads of a lab, to compare with: a bridge with `actions=NORMAL` on each host, GRE between
 * them, and a second interface for each workload, `10.99.0.NUMBER`.
 */
export class Twin {
  constructor(readonly lab: Lab) {}

  async bridge(host: string, remote: string): Promise<void> {
    const bridge = ['set', 'Bridge', 'br-plain', 'datapath_type=netdev', 'fail_mode=secure']
    const port = ['add-port', 'br-plain', 'plain-gre']
    const key = ['options:key=9999']
    const tunnel = ['set', 'Interface', 'plain-gre', 'type=gre', `options:remote_ip=${remote}`, ...key]
    await this.succeed(host, [
      'ovs-vsctl',
      'add-br',
      'br-plain',
      '--',
      ...bridge,
      '--',
      ...port,
      '--',
      ...tunnel,
    ])
    await this.succeed(host, ['ovs-ofctl', 'add-flow', 'br-plain', 'actions=NORMAL'])
  }

  async port(host: string, workload: string, number: number): Promise<void> {
    const port = `plain${number}`
    const inside = namespaceOf(this.lab.site, workload)
    const mtu = (await this.succeed(workload, ['cat', '/sys/class/net/eth0/mtu'])).trim()
    const pair = ['type', 'veth', 'peer', 'name', 'eth1', 'mtu', mtu, 'netns', inside]
    await this.succeed(host, ['ip', 'link', 'add', port, 'mtu', mtu, ...pair])
    await this.succeed(host, ['ip', 'link', 'set', port, 'up'])
    await this.succeed(host, ['ovs-vsctl', 'add-port', 'br-plain', port])
    await this.succeed(workload, ['ip', 'link', 'set', 'eth1', 'up'])
    await this.succeed(workload, ['ip', 'address', 'add', `10.99.0.${number}/24`, 'dev', 'eth1'])
    await this.succeed(workload, ['ethtool', '-K', 'eth1', 'tx', 'off'])
  }

  /** Empties the datapath's caches. */
  async forget(hosts: readonly string[]): Promise<void> {
    for (const host of hosts) await this.succeed(host, ['ovs-appctl', 'revalidator/purge'])
  }

  /** How many megaflows, and distinct masks of them, the host has that has most. */
  async caches(hosts: readonly string[]): Promise<{ readonly megaflows: number; readonly masks: number }> {
    const argv = ['ovs-appctl', 'dpctl/dump-flows', '-m']
    const dumps = await Promise.all(hosts.map((host) => this.succeed(host, argv)))
    return {
      megaflows: Math.max(...dumps.map((dump) => linesOf(dump).length)),
      masks: Math.max(...dumps.map(maskCount)),
    }
  }

  /** What a program prints in a host or a workload; rejects where it fails. */
  async succeed(name: string, argv: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.lab.exec(name, argv)
    if (status !== 0) throw new Error(`${name}: ${argv.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
}

/** The megaflows of a dump. */
function linesOf(dump: string): string[] {
  return dump.split('\n').filter((line) => line.includes('packets:'))
}

/** Distinct masks of a dump: what is left of the matches when the values are taken out. */
function maskCount(dump: string): number {
  const shapes = linesOf(dump).map((line) =>
    line
      .replace(/^ufid:[^,]*,\s*/, '')
      .replace(/, packets:.*$/, '')
      .replace(/=[^,()/]+/g, '=')
      .replace(/\([^=,()/]+(?=[/)])/g, '('),
  )
  return new Set(shapes).size
}
