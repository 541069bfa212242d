import type { Lab } from '../../../src/lab/index.js'
import { succeed, until } from './open-vswitch.js'

/** Returns once no fragments wait in conntrack of a host for others of their datagram. */
export async function noneWaits(lab: Lab, host: string): Promise<void> {
  const argv = ['ovs-appctl', 'dpctl/ipf-get-status']
  await until('no fragment that waits', async () => /num frag: 0$/m.test(await succeed(lab, host, argv)), 30)
}
