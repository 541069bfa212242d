import { stat } from 'node:fs/promises'
import { Command } from 'commander'
import type { PolicyErrorView } from '../api/contract.js'
import { type Context, withExample } from './context.js'
import { no, wrongUsage } from './failure.js'
import { errorText } from './place.js'

/** The directory that is read where none is named. */
export const defaultPolicies = 'policies'

/** Every error of a directory of policy files. */
export type CheckDirectory = (
  directory: string,
) => readonly PolicyErrorView[] | Promise<readonly PolicyErrorView[]>

/** `sluice check` */
export function checkCommand({ output }: Context, checkDirectory: CheckDirectory): Command {
  const command = new Command('check')
    .description('read a directory of policy files and report every error; needs no controller')
    .argument('[dir]', 'directory of policy files', defaultPolicies)
    .option('--json', 'print one JSON value')
    .action(async (directory: string, options: { json?: true }) => {
      await expectDirectory(directory)
      const errors = await checkDirectory(directory)
      if (options.json) await output.json({ errors })
      else for (const error of errors) await output.line(errorText(error))
      output.message(`${directory}: ${errors.length === 1 ? '1 error' : `${errors.length || 'no'} errors`}`)
      if (errors.length > 0) throw no()
    })
  return withExample(command, 'sluice check policies')
}

/** Fails unless there is a directory at the path. */
export async function expectDirectory(path: string): Promise<void> {
  const found = await stat(path).catch((error: Error) => {
    throw wrongUsage(`${path} cannot be read: ${error.message}`, { cause: error })
  })
  if (!found.isDirectory()) throw wrongUsage(`${path} is not a directory`)
}
