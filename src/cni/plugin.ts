import { commands } from './commands.js'
import { CniError, cniError, codes } from './error.js'
import { type Environment, parseJson, readConfig, supportedVersions } from './request.js'

/** What a call of the plugin prints on standard output, and its exit status. */
export interface Answer {
  readonly stdout: string
  readonly status: 0 | 1
}

/** One call of the plugin (CNI specification 1.1, "Network Plugin Protocol"). Never rejects. */
export async function callPlugin(env: Environment, stdin: string): Promise<Answer> {
  let cniVersion: string = supportedVersions[0]
  try {
    const fields = parseJson(stdin)
    if (typeof fields.cniVersion === 'string') cniVersion = fields.cniVersion
    if (env.CNI_COMMAND === 'VERSION') return answer({ cniVersion, supportedVersions })
    const config = readConfig(fields)
    const command = commands[env.CNI_COMMAND ?? '']
    if (!command)
      throw new CniError(
        codes.environment,
        `CNI_COMMAND is ${env.CNI_COMMAND ?? 'not set'}: expected VERSION or ${Object.keys(commands).join(', ')}`,
      )
    return answer(await command(config, env))
  } catch (error) {
    const { code, message } = cniError(error)
    const [msg = '', ...details] = message.split('\n')
    return { stdout: json({ cniVersion, code, msg, details: details.join('\n') }), status: 1 }
  }
}

const answer = (result: object | undefined): Answer => ({
  stdout: result === undefined ? '' : json(result),
  status: 0,
})

const json = (value: object): string => `${JSON.stringify(value)}\n`
