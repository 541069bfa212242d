import type { Database } from './database.js'
import { AttachError } from './error.js'
import { checkFacts, type Facts, noFacts } from './facts.js'
import { keys, unknownWorkload } from './keys.js'
import { type Attachment, portOf } from './plan.js'
import { answerOf, portsOf } from './ports.js'

/** What a workload has got. */
export interface Attached {
  readonly attachment: Attachment
  readonly port: string
  readonly facts: Facts
  /** The controller was asked and knows no such workload. */
  readonly unknown: boolean
}

/**
 * The facts of each attachment: its own, or the controller's answer as it comes. Throws AttachError `no-answer` where
 * that takes longer than `timeoutMs`, `bad-facts` where it makes no sense.
 */
export async function gather(
  database: Database,
  attachments: readonly Attachment[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly Attached[]> {
  const end = performance.now() + timeoutMs
  const gathered: Attached[] = []
  for (const attachment of attachments) {
    const port = portOf(attachment)
    if (attachment.facts || attachment.plug.kind === 'tap') {
      gathered.push({ attachment, port, facts: attachment.facts ?? noFacts, unknown: false })
      continue
    }
    const look = () =>
      portsOf(database.ports(), attachment.interface).flatMap((each) => answerOf(each) ?? [])[0]
    const answer = await database.until(look, end - performance.now(), signal)
    if (answer === undefined)
      throw new AttachError(
        'no-answer',
        `no controller has said within ${timeoutMs} ms what ${attachment.interface} was given; ` +
          'say it with --address, or bring it up without an address with --wait 0',
      )
    const unknown = answer === unknownWorkload
    const facts = unknown ? noFacts : parseFacts(answer)
    const left = attachment.dhcp ? { ...facts, addresses: [], gateways: [] } : facts
    gathered.push({ attachment, port, facts: left, unknown })
  }
  return gathered
}

function parseFacts(answer: string): Facts {
  try {
    return checkFacts(JSON.parse(answer))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new AttachError('bad-facts', `the controller's answer is not to be understood: ${answer}`, {
      cause,
    })
  }
}

/** Writes down the MACs that the controller has answered, where hypervisors write them. */
export async function noteMacs(database: Database, attached: readonly Attached[]): Promise<void> {
  const rows = new Map(database.ports().map(({ interface: row }) => [row.name, row]))
  const notes = attached.flatMap(({ port, facts: { mac } }) => {
    const row = rows.get(port)
    return row && mac !== undefined && row.external_ids.get(keys.mac) !== mac ? [{ row, mac }] : []
  })
  if (notes.length === 0) return
  await database.transact((tx) => {
    for (const { row, mac } of notes)
      tx.mutate('Interface', row._uuid, [
        ['external_ids', 'delete', [keys.mac]],
        ['external_ids', 'insert', { [keys.mac]: mac }],
      ])
  })
}
