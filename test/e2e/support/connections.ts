import { setTimeout as sleep } from 'node:timers/promises'
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
  })
  const udp = (port, serve) => {
    const socket = require('node:dgram').createSocket('udp6').on('error', () => {})
    socket.on('message', (data, { address, port }) => serve((what) => socket.send(what, port, address), data)).bind(port, '::')
  }
  udp(echoPort, (answer, data) => answer(data))
  udp(streamPort, (answer) => setTimeout(clearInterval, 15_000, setInterval(answer, 10, 'tick\\n')))`

const clientScript = `
  const net = require('node:net'), dgram = require('node:dgram'), { createInterface } = require('node:readline')
  const [protocol, list] = process.argv.slice(1)
  const ways = {
    tcp: (i, { address, port }) => {
      const socket = net.connect({ host: address, port })
      socket.on('connect', () => console.log('open', i)).on('error', (error) => console.log('error', i, error.code))
      createInterface({ input: socket }).on('error', () => {})
        .on('line', (line) => console.log('heard', i, line.slice(0, 80)))
      return (text) => socket.write(text)
    },
    udp: (i, { address, port }) => {
      const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4')
      socket.on('message', (data) => console.log('heard', i, data.toString().trim().split('\\n').pop()))
        .on('error', (error) => console.log('error', i, error.code)).connect(port, address, () => console.log('open', i))
      return (text) => { try { socket.send(text, () => {}) } catch {} }
    },
  }
  const writes = JSON.parse(list).map((remote, i) => ways[protocol](i, remote))
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [, bytes = 0] = /^after (\\d+) bytes/.exec(line) ?? []
    const filling = bytes > 0 ? 'x'.repeat(Number(bytes)) + '\\n' : ''
    for (const write of writes) write(filling + line + '\\n')
  }).on('close', () => process.exit())
  console.log('begun')`

const node = (script: string, ...args: readonly string[]) => [
  process.execPath,
  '--input-type=commonjs',
  '-e',
  script,
  ...args,
]

/**
 * Echoes what it gets on one port, of TCP and of UDP; on the other sends a line every 10 ms to whoever came (datagrams: for 15 s), and needs no
 * answer but those of TCP itself.
 */
export function speak(lab: Lab, at: string, echoPort: number, streamPort: number): Promise<Program> {
  const argv = node(serverScript, String(echoPort), String(streamPort))
  return Program.start(lab, at, argv, new RegExp(`^listening ${streamPort}`))
}

export interface Remote {
  readonly address: string
  readonly port: number
}

/** Connections of one client that stay, all told the same; those of UDP are sockets that hear one remote only. */
export class Connections {
  private constructor(
    readonly program: Program,
    readonly remotes: readonly Remote[],
    readonly protocol: 'tcp' | 'udp',
  ) {}

  /** Returns once all are open. */
  static async start(
    lab: Lab,
    from: string,
    remotes: readonly Remote[],
    protocol: 'tcp' | 'udp' = 'tcp',
  ): Promise<Connections> {
    const connections = await Connections.begin(lab, from, remotes, protocol)
    for (const i of remotes.keys()) await connections.program.line(new RegExp(`^open ${i}$`))
    return connections
  }

  /** Returns once their opening has begun. */
  static async begin(
    lab: Lab,
    from: string,
    remotes: readonly Remote[],
    protocol: 'tcp' | 'udp' = 'tcp',
  ): Promise<Connections> {
    const argv = node(clientScript, protocol, JSON.stringify(remotes))
    return new Connections(await Program.start(lab, from, argv, /^begun/), remotes, protocol)
  }

  /**
   * Says a line on each, `after N bytes` with so many before it; the addresses from which it came back within so long.
   * Returns early once all have answered. Small datagrams, which a busy machine may lose, are repeated each second.
   */
  async say(line: string, patienceMs: number): Promise<readonly string[]> {
    const say = () => this.program.write(`${line}\n`)
    say()
    const again = this.protocol === 'udp' && !line.startsWith('after') ? setInterval(say, 1000) : undefined
    try {
      return await this.#answered(`^heard (\\d+) ${line}$`, patienceMs)
    } finally {
      clearInterval(again)
    }
  }

  /** The addresses about which an error of this code comes within so long. */
  async errors(code: string, patienceMs: number): Promise<readonly string[]> {
    return this.#answered(`^error (\\d+) ${code}$`, patienceMs)
  }

  async #answered(pattern: string, patienceMs: number): Promise<readonly string[]> {
    const found = await Promise.all(
      this.remotes.map(({ address }, i) =>
        this.program.line(new RegExp(pattern.replace('(\\d+)', String(i))), patienceMs).then(
          () => [address],
          () => [],
        ),
      ),
    )
    return found.flat()
  }

  /** The addresses from which a further line comes within so long. Returns early once all have sent one. */
  async more(patienceMs: number): Promise<readonly string[]> {
    const before = this.#counts()
    const sent = () => {
      const counts = this.#counts()
      return this.remotes.filter((_, i) => (counts[i] ?? 0) > (before[i] ?? 0))
    }
    const end = performance.now() + patienceMs
    while (sent().length < this.remotes.length && performance.now() < end) await sleep(20)
    return sent().map(({ address }) => address)
  }

  /** How many lines each has got so far. */
  #counts(): readonly number[] {
    return this.remotes.map(
      (_, i) => this.program.lines.filter((line) => line.startsWith(`heard ${i} `)).length,
    )
  }

  async stop(): Promise<void> {
    await this.program.stop('SIGKILL')
  }
}
