import type { Lab } from '../../../src/lab/index.js'
import { Program } from './program.js'

export type ProbeProtocol = 'tcp' | 'udp' | 'icmp'

/** One thing to try: open a connection, have a datagram come back, have a ping answered. */
export interface Probe {
  readonly protocol: ProbeProtocol
  readonly address: string
  /** Not for ICMP. */
  readonly port?: number
}

const script = `
  const net = require('node:net'), dgram = require('node:dgram'), { execFile } = require('node:child_process')
  const [tcp, udp] = process.argv.slice(1).map((text) => text.split(',').map(Number))
  const ways = {
    tcp: ({ address, port }, done) => {
      const socket = net.connect({ host: address, port })
      socket.on('connect', () => { done('open'); socket.resetAndDestroy() })
      socket.on('error', (error) => done(error.code))
      return () => socket.destroy()
    },
    udp: ({ address, port }, done) => {
      const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4')
      socket.on('message', () => done('open')).on('error', (error) => done(error.code))
      socket.connect(port, address, (error) => error ? done(error.code) : socket.send('probe'))
      return () => socket.close()
    },
    icmp: ({ address, patienceMs }, done) => {
      const argv = ['-n', '-c', '1', '-W', String(patienceMs / 1000), address]
      const child = execFile('ping', argv, (error) => done(error ? 'silence' : 'open'))
      return () => child.kill()
    },
  }
  const attempt = (probe, patienceMs) => new Promise((resolve) => {
    let stop, timer, result
    const done = (what) => {
      if (result) return
      result = what
      clearTimeout(timer)
      setImmediate(() => { try { stop() } catch {} })
      resolve(what)
    }
    timer = setTimeout(() => done('silence'), patienceMs)
    stop = ways[probe.protocol]({ ...probe, patienceMs }, done)
  })
  for (const port of tcp) net.createServer((socket) => socket.on('error', () => {}).resume()).listen(port, '::')
  for (const port of udp) {
    const socket = dgram.createSocket('udp6')
    socket.on('message', (data, { address, port }) => socket.send(data, port, address)).on('error', () => {})
    socket.bind(port, '::')
  }
  require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
    const { round, probes, patienceMs } = JSON.parse(line)
    const results = await Promise.all(probes.map((probe) => attempt(probe, patienceMs)))
    console.log('round ' + round + ' ' + JSON.stringify(results))
  }).on('close', () => process.exit())
  console.log('ready')`

export interface ProberPorts {
  readonly tcp: readonly number[]
  readonly udp: readonly number[]
}

/** A station that answers on some ports and tries those of others, all at once. */
export class Prober {
  #round = 0

  private constructor(readonly program: Program) {}

  static async start(lab: Lab, at: string, { tcp, udp }: ProberPorts): Promise<Prober> {
    const argv = [process.execPath, '--input-type=commonjs', '-e', script, tcp.join(), udp.join()]
    return new Prober(await Program.start(lab, at, argv, /^ready/))
  }

  /** What came of each: `open`, the code of an error, or `silence` after `patienceMs`. */
  async try(probes: readonly Probe[], patienceMs: number): Promise<readonly string[]> {
    const round = ++this.#round
    this.program.write(`${JSON.stringify({ round, probes, patienceMs })}\n`)
    const line = await this.program.line(new RegExp(`^round ${round} `), patienceMs + 30_000)
    return JSON.parse(line.slice(line.indexOf('[')))
  }

  async stop(): Promise<void> {
    await this.program.stop('SIGKILL')
  }
}
