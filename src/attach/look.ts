import { inParallel, type Run } from './command.js'
import type { Database, HostPort } from './database.js'
import { AttachError } from './error.js'
import { isPair, type Link, linksOf } from './links.js'
import { type Attachment, portOf } from './plan.js'
import { answerOf, planPort } from './ports.js'

/** How many namespaces are worked in at the same time. */
export const namespacesAtOnce = 4

/** What is there of an attachment. */
export interface Found {
  readonly attachment: Attachment
  /** Its port, where that can stay. */
  readonly own?: HostPort
  /** Ports that must go first. */
  readonly stale: readonly HostPort[]
  /** The inner end of its pair, where that is in place. */
  readonly inner?: Link
  /** A pair of its name must go first. */
  readonly stalePair: boolean
  /** What the controller has said of it before. */
  readonly answer?: string
}

/**
 * Looks for what is there of each attachment. Throws AttachError `name-taken`, `no-device`, or `command-failed` where a
 * namespace cannot be entered.
 */
export async function look(
  run: Run,
  database: Database,
  attachments: readonly Attachment[],
): Promise<readonly Found[]> {
  const links = await linksOf(run)
  const ports = database.ports()
  const found: Found[] = []
  await inParallel(attachments, namespacesAtOnce, async (attachment) => {
    const { plug } = attachment
    const { own, stale } = planPort(ports, attachment)
    const answer = [own, ...stale].flatMap((port) => (port && answerOf(port)) ?? [])[0]
    const outer = links.get(portOf(attachment))
    const inner = outer && plug.kind === 'veth' ? await innerOf(run, outer, plug) : undefined
    if (plug.kind === 'tap' && !outer)
      throw new AttachError('no-device', `the host has no device ${plug.device}`)
    const whole = plug.kind === 'tap' || inner !== undefined
    found.push({
      attachment,
      ...(own && whole ? { own, stale } : { stale: own ? [own, ...stale] : stale }),
      ...(inner === undefined ? {} : { inner }),
      stalePair: plug.kind === 'veth' && outer !== undefined && inner === undefined,
      ...(answer === undefined ? {} : { answer }),
    })
  })
  return found
}

/** The other end of a pair, if that is the device that it should be. */
async function innerOf(
  run: Run,
  outer: Link,
  { netns, device }: { readonly netns: string; readonly device: string },
): Promise<Link | undefined> {
  if (outer.kind !== 'veth')
    throw new AttachError('name-taken', `device ${outer.name} of the host is no end of a pair`)
  const inner = (await linksOf(run, netns)).get(device)
  return isPair(outer, inner) ? inner : undefined
}
