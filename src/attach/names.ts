import { createHash } from 'node:crypto'

/**
 * The port of a workload's interface on its host, at most 15 bytes (IFNAMSIZ): the end of its name to read, a hash to be
 * unique. It is the same each time, so that whoever comes after a command that was killed finds what that had made.
 */
export function portName(interfaceId: string): string {
  const tail = interfaceId
    .replace(/[^A-Za-z0-9-]/g, '-')
    .slice(-7)
    .replace(/^-+/, '')
  return `${tail || 'w'}-${createHash('sha256').update(interfaceId).digest('hex').slice(0, 7)}`
}

/** The name of the OVSDB lock that commands about the same interface take. */
export const lockName = (interfaceId: string): string =>
  `sluice_attach_${createHash('sha256').update(interfaceId).digest('hex').slice(0, 16)}`

/** Whether Linux takes this for the name of a device (dev_valid_name), and no option of a command begins like it. */
export const isDeviceName = (name: string): boolean =>
  /^[^\s/:-][^\s/:]{0,14}$/.test(name) && !/^\.{1,2}$/.test(name)
