import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lab } from '../../../src/lab/index.js'

/** What dhclient(8) has been told, one line for each time, and what it then does with an address. */
const script = (log: string) => `#!/bin/sh
case $reason in
  BOUND6|RENEW6|REBIND6)
    [ -z "$new_ip6_address" ] || ip -6 addr replace $new_ip6_address/128 dev $interface nodad \\
      valid_lft $new_max_life preferred_lft $new_preferred_life ;;
  RELEASE6|EXPIRE6|STOP6) ip -6 addr del $old_ip6_address/128 dev $interface ;;
esac
echo "$reason $new_ip6_address names=$new_dhcp6_name_servers search=$new_dhcp6_domain_search" \\
  "server=$new_dhcp6_server_id" >> ${log}
`

/** ISC's DHCP client for IPv6 in the namespace of a workload. It touches no file outside a directory of its own. */
export class Dhclient6 {
  readonly #directory = mkdtempSync(join(tmpdir(), 'sluice-dhclient-'))
  readonly #script = join(this.#directory, 'script')
  readonly #log = join(this.#directory, 'log')

  constructor(
    readonly lab: Lab,
    readonly at: string,
  ) {
    writeFileSync(this.#script, script(this.#log), { mode: 0o755 })
    writeFileSync(this.#log, '')
    writeFileSync(join(this.#directory, 'conf'), '')
  }

  /** Runs it until it has an answer; without `-S` or `-r` it stays in the background. */
  async run(...flags: readonly string[]): Promise<{ status: number; stderr: string }> {
    const files = ['sf', 'lf', 'pf', 'cf'].flatMap((each) => [`-${each}`, this.#file(each)])
    return await this.lab.exec(this.at, ['dhclient', '-6', '-1', '-v', ...files, ...flags, 'eth0'])
  }

  /** What it has been told so far. */
  get told(): readonly string[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  }

  /** Ends it without telling the server. */
  async stop(): Promise<void> {
    await this.run('-x')
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #file(flag: string): string {
    const names: Readonly<Record<string, string>> = { sf: 'script', lf: 'leases', pf: 'pid', cf: 'conf' }
    return join(this.#directory, names[flag] ?? flag)
  }
}
