import type { Lab } from '../../../src/lab/index.js'

/** The resolver of Node.js is c-ares, which many programs use. */
const script = `
  const [server, type, name] = process.argv.slice(1)
  const resolver = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 2 })
  resolver.setServers([server.includes(':') ? '[' + server + ']' : server])
  const asked = type === 'PTR' ? resolver.reverse(name) : resolver.resolve(name, type)
  asked.then((found) => console.log(found.join(' ')), (error) => console.log(error.code))`

/**
 * Asks a server for names from within a workload: `A NAME`, `AAAA NAME`, `PTR ADDRESS`.
 * @returns what it says, or the code of its refusal
 */
export async function ask(lab: Lab, from: string, server: string, question: string): Promise<string> {
  const argv = [process.execPath, '--input-type=commonjs', '-e', script, server, ...question.split(' ')]
  return (await lab.exec(from, argv)).stdout.trim()
}
