import type { Command } from 'commander'
import type { StartController } from '../../src/api/start-controller.js'
import { type CheckDirectory, checkCommand } from '../../src/cli/check.js'
import type { Context } from '../../src/cli/context.js'
import { explainCommand } from '../../src/cli/explain.js'
import { flowsCommand } from '../../src/cli/flows.js'
import { getCommand } from '../../src/cli/get.js'
import { logCommand } from '../../src/cli/log.js'
import { type ReachOfDirectory, reachCommand } from '../../src/cli/reach.js'
import { runCommand } from '../../src/cli/run.js'
import { schemaCommand } from '../../src/cli/schema.js'
import { statusCommand } from '../../src/cli/status.js'
import { type Wire, wireCommand } from '../../src/cli/wire.js'

/** What the commands are made of, besides a client. */
export interface Parts {
  readonly startController: StartController
  readonly checkDirectory: CheckDirectory
  readonly reachOfDirectory: ReachOfDirectory
  readonly jsonSchema: () => object
  readonly wire: Wire
  readonly further: readonly Command[]
}

/** All commands; parts that are not given do nothing. */
export function fakeCommands(context: Context, parts: Partial<Parts> = {}): Command[] {
  const startController = () => Promise.reject(new Error('there is no controller to start'))
  return [
    runCommand(context, parts.startController ?? startController),
    checkCommand(context, parts.checkDirectory ?? (() => [])),
    reachCommand(
      context,
      parts.reachOfDirectory ?? (() => Promise.resolve({ errors: [], has: () => true, pairs: [] })),
    ),
    statusCommand(context),
    getCommand(context),
    flowsCommand(context),
    logCommand(context),
    explainCommand(context),
    wireCommand(context, parts.wire ?? { decode: (hex) => `${hex}\n`, encode: (flow) => flow }),
    schemaCommand(context, parts.jsonSchema ?? (() => ({ type: 'object' }))),
    ...(parts.further ?? []),
  ]
}
