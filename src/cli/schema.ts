import { Command } from 'commander'
import { type Context, withExample } from './context.js'

/** `sluice schema` */
export function schemaCommand({ output }: Context, jsonSchema: () => object | Promise<object>): Command {
  const command = new Command('schema')
    .description('print the JSON Schema of the language, for editors')
    .action(async () => output.json(await jsonSchema()))
  return withExample(command, 'sluice schema > sluice.schema.json')
}
