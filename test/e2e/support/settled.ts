import type { Lab } from '../../../src/lab/index.js'

/** Until duplicate address detection is through, a second or two, an address is tentative (RFC 4862 §5.4). */
const wait =
  'for i in $(seq 100); do ip -6 -o addr show dev eth0 | grep -q tentative || break; sleep 0.1; done; ip -6 -o addr show dev eth0'

/** Waits until the IPv6 addresses of a namespace can be used, and returns them as `ip` shows them. */
export async function settled(lab: Lab, name: string): Promise<string> {
  return (await lab.exec(name, ['sh', '-c', wait])).stdout
}
