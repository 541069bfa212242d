import type { Lab } from '../../../src/lab/index.js'
import { Program } from './program.js'

const serverScript = `
  const net = require('node:net')
  const [echoPort, streamPort] = process.argv.slice(1).map(Number)
  const listen = (port, serve) =>
    net.createServer((socket) => serve(socket.on('error', () => {}))).listen(port, '::', () => console.log('listening', port))
  listen(echoPort, (socket) => socket.pipe(socket))
  listen(streamPort, (socket) => {
    const timer = setInterval(() => socket.write('tick\\n'), 10)
    socket.on('close', () => clearInterval(timer)).resume()
  })`

const clientScript = `
  const net = require('node:net')
  const peers = JSON.parse(process.argv[1])
  const sockets = peers.map(({ address, port }, i) => {
    const socket = net.connect({ host: address, port })
    socket.on('connect', () => console.log('open', i)).on('error', (error) => console.log('error', i, error.code))
    require('node:readline').createInterface({ input: socket }).on('error', () => {}).on('line', (line) => console.log('heard', i, line))
    return socket
  })
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    for (const socket of sockets) socket.write(line + '\\n')
  }).on('close', () => process.exit())
  console.log('begun')`

const node = (script: string, ...args: readonly string[]) => [
  process.execPath,
  '--input-type=commonjs',
  '-e',
  script,
  ...args,
]

/** Echoes what it gets on one port; on the other sends a line every 10 ms and is never answered but by TCP itself. */
export function speak(lab: Lab, at: string, echoPort: number, streamPort: number): Promise<Program> {
  const argv = node(serverScript, String(echoPort), String(streamPort))
  return Program.start(lab, at, argv, new RegExp(`^listening ${streamPort}`))
}

export interface Remote {
  readonly address: string
  readonly port: number
}

/** TCP connections of one client that stay, all told the same. */
export class Connections {
  private constructor(
    readonly program: Program,
    readonly remotes: readonly Remote[],
  ) {}

  /** Returns once all are open, unless `await` says not to wait. */
  static async start(lab: Lab, from: string, remotes: readonly Remote[], wait = true): Promise<Connections> {
    const argv = node(clientScript, JSON.stringify(remotes))
    const connections = new Connections(await Program.start(lab, from, argv, /^begun/), remotes)
    if (wait) for (const i of remotes.keys()) await connections.program.line(new RegExp(`^open ${i}$`))
    return connections
  }

  /** Says a line on each; the addresses from which it came back within so long. Returns early once all have answered. */
  async say(line: string, patienceMs: number): Promise<readonly string[]> {
    this.program.write(`${line}\n`)
    const heard = await Promise.all(
      this.remotes.map(async ({ address }, i) => {
        const found = await this.program.line(new RegExp(`^heard ${i} ${line}$`), patienceMs).catch(String)
        return found.startsWith('heard') ? [address] : []
      }),
    )
    return heard.flat()
  }

  /** How many lines each has got so far. */
  counts(): readonly number[] {
    return this.remotes.map(
      (_, i) => this.program.lines.filter((line) => line.startsWith(`heard ${i} `)).length,
    )
  }

  async stop(): Promise<void> {
    await this.program.stop('SIGKILL')
  }
}
