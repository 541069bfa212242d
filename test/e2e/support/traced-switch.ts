import type { DummySwitch } from '../../support/dummy-switch.js'

/** Runs `ofproto/trace` on the bridge of a dummy switch. */
export function traceOn(ovs: DummySwitch, ...args: readonly string[]): Promise<string> {
  const control = ovs.socket.replace(/br0\.mgmt$/, 'switch.ctl')
  return ovs.tool('ovs-appctl', '-t', control, 'ofproto/trace', 'br0', ...args)
}

/** Gives the bridge dummy ports with these numbers beside those that it has. */
export async function addPorts(ovs: DummySwitch, numbers: readonly number[]): Promise<void> {
  const ports = numbers.flatMap((n) => [
    ...['--', 'add-port', 'br0', `x${n}`],
    ...['--', 'set', 'interface', `x${n}`, 'type=dummy', `ofport_request=${n}`],
  ])
  await ovs.tool('ovs-vsctl', `--db=${ovs.database}`, '--timeout=20', ...ports.slice(1))
}
