import { ipBatch, output } from './command.js'
import type { Site } from './names.js'
import { isNamespace } from './namespaces.js'

/** Names of the devices in a namespace; none where it is not there. */
export async function devicesIn(site: Site, namespace: string): Promise<Set<string>> {
  if (!isNamespace(namespace)) return new Set()
  const text = await output(site, ['ip', '-n', namespace, '-o', 'link', 'show'])
  return new Set([...text.matchAll(/^\d+: ([^:@]+)[:@]/gm)].map(([, name = '']) => name))
}

/** Deletes those of the devices that are there. */
export async function removeLinks(site: Site, namespace: string, devices: readonly string[]): Promise<void> {
  const present = await devicesIn(site, namespace)
  await ipBatch(
    site,
    namespace,
    devices.filter((device) => present.has(device)).map((device) => `link del ${device}`),
  )
}
