import type { Lab } from '../../../src/lab/index.js'

const ofHosts = [
  'ovs-vsctl --format=csv --no-headings --columns=name,ofport,link_state,error list Interface',
  'ovs-ofctl -O OpenFlow15 dump-flows br-int --no-stats | wc -l',
  'ovs-appctl dpctl/dump-flows --names | cut -c -400 | head -n 30',
  'ovs-appctl dpctl/dump-conntrack | head -n 20',
]
const ofStations = ['ip -br address show dev eth0', 'ip route', 'ip neigh']

/** What a lab is like, for whoever reads of a failure on a machine that is gone. */
export async function findings(lab: Lab): Promise<string> {
  const { hosts, workloads } = lab.status()
  const told = (commands: readonly string[]) => async (name: string) => {
    const argv = ['timeout', '10', 'sh', '-c', commands.join('; ')]
    const { stdout, stderr } = await lab.exec(name, argv)
    return [`${name}:`, ...`${stdout}${stderr}`.trimEnd().split('\n')].join('\n  ')
  }
  const names = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name)
  return (
    await Promise.all([...names(workloads).map(told(ofStations)), ...names(hosts).map(told(ofHosts))])
  ).join('\n')
}
