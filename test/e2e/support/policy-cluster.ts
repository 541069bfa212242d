import type { TestFn } from 'ava'
import type { Lab } from '../../../src/lab/index.js'
import type { Program } from './program.js'
import { settled } from './settled.js'
import { attempt, echo } from './tcp.js'
import { TestCluster } from './test-cluster.js'

export const addresses = {
  here: ['192.168.1.9', '2001:db8:1::9'],
  'usr1-1': ['192.168.1.2', '2001:db8:1::2'],
  'usr1-2': ['192.168.1.3', '2001:db8:1::3'],
} as const

export type Station = keyof typeof addresses

/** The workloads with role `web`: one beside the client `usr1-1`, one on the other host. */
export const servers = ['here', 'usr1-2'] as const

/** Tenant usr1 with IPv4 and IPv6, a client and two servers; the tests put policies in and out. */
export class PolicyCluster {
  readonly #echoes: Program[] = []

  private constructor(readonly files: TestCluster) {}

  /** @param args further arguments of `sluice run` */
  static async start(args: readonly string[] = []): Promise<PolicyCluster> {
    const files = await TestCluster.start({
      scenario: 'tenants-gre',
      args,
      edit: (cluster) => {
        cluster.edit('usr1.yaml', /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
        for (const [name, role] of [
          ['usr1-1', 'client'],
          ['usr1-2', 'web'],
        ] as const) {
          const [four, six] = addresses[name]
          cluster.edit('usr1.yaml', `ip: ${four}`, `ip: [${four}, "${six}"]\nlabels: {role: ${role}}`)
        }
        const [four, six] = addresses.here
        const here = `kind: Workload\ntenant: usr1\nname: here\nnetwork: lan\nip: [${four}, "${six}"]\nlabels: {role: web}\n`
        cluster.write('here.yaml', here)
        cluster.edit('lab.yaml', /^ {2}vm1: .*$/m, '  vm1: [usr1/usr1-1, usr2/usr2-1, usr1/here]')
      },
    })
    return new PolicyCluster(files)
  }

  get lab(): Lab {
    return this.files.lab
  }

  /** Waits until the addresses of all workloads can be used. */
  async settle(): Promise<void> {
    await Promise.all(Object.keys(addresses).map((name) => settled(this.lab, name)))
  }

  /** Has every workload answer on TCP ports 80 and 81. */
  async serve(): Promise<void> {
    await this.settle()
    for (const port of [80, 81])
      for (const at of Object.keys(addresses)) this.#echoes.push(await echo(this.lab, at, port))
  }

  /** Puts policies of usr1 in force by name, and (undefined) takes them out. */
  async inForce(policies: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [name, text] of Object.entries(policies)) {
      if (text === undefined) this.files.remove(`${name}.yaml`)
      else this.files.write(`${name}.yaml`, `kind: Policy\ntenant: usr1\nname: ${name}\n${text}\n`)
    }
    await this.files.converge()
  }

  /** What comes of connections from one workload to a port of another, by IPv4 and by IPv6. */
  async reach(from: string, to: Station, port: number): Promise<string> {
    const results = await Promise.all(addresses[to].map((address) => attempt(this.lab, from, address, port)))
    return [...new Set(results)].join(' or ')
  }

  /** As a cluster does. */
  belongTo(test: TestFn): void {
    test.after.always(() => this.#endEchoes())
    this.files.belongTo(test)
  }

  async stop(): Promise<void> {
    await this.#endEchoes()
    await this.files.stop()
  }

  async #endEchoes(): Promise<void> {
    await Promise.all(this.#echoes.splice(0).map((each) => each.stop()))
  }
}
