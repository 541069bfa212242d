import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The address of a workload, the first being 1. */
export const addressOf = (index: number): string => `192.168.1.${index}`
/** The tunnel's address of a host. */
export const tunnelIpOf = (index: number): string => `10.1.0.${index}`

/** Writes a directory of so many hosts, at most 250, with a workload each, all in one network. */
export function writeBox(directory: string, name: string, hosts: number): void {
  const all = Array.from({ length: hosts }, (_, at) => at + 1)
  const documents = [
    'kind: Tenant\nname: usr1\n',
    'kind: Network\ntenant: usr1\nname: lan\nsubnet: 192.168.0.0/16\ngateway: 192.168.255.254\n',
    ...all.map(
      (n) => `kind: Host\nname: vm${n}\novsdb: tcp:${tunnelIpOf(n)}:6640\ntunnelIp: ${tunnelIpOf(n)}\n`,
    ),
    ...all.map((n) => `kind: Workload\ntenant: usr1\nname: w${n}\nnetwork: lan\nip: ${addressOf(n)}\n`),
    `kind: Lab\nname: ${name}\nplace:\n${all.map((n) => `  vm${n}: [usr1/w${n}]\n`).join('')}`,
  ]
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'box.yaml'), documents.join('---\n'))
}
