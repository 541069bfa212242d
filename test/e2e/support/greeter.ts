import type { Lab } from '../../../src/lab/index.js'
import { Program } from './program.js'

const node = (script: string, ...args: readonly string[]): string[] => [
  process.execPath,
  '--input-type=commonjs',
  '-e',
  script,
  ...args,
]

const serverScript = `
  const [name, ...ports] = process.argv.slice(1)
  let open = ports.length * 2
  const ready = () => { if (--open === 0) console.log('listening') }
  const plain = (address) => address.replace('::ffff:', '')
  for (const port of ports.map(Number)) {
    require('node:net').createServer((socket) => {
      console.log('tcp', port, plain(socket.remoteAddress), socket.remotePort)
      socket.on('error', () => {}).write(name + ' ' + plain(socket.remoteAddress) + '\\n')
      socket.pipe(socket)
    }).listen(port, '::', ready)
    const udp = require('node:dgram').createSocket('udp6')
    udp.on('message', (data, { address, port: from }) => udp.send(name + ' ' + plain(address), from, address))
    udp.bind(port, '::', ready)
  }`

/**
 * A server of TCP and UDP that greets everybody with its name and the address that it sees, \`NAME ADDRESS\`, and prints
 * \`tcp PORT ADDRESS PORT\` for each connection, on which it then echoes.
 */
export function greeter(lab: Lab, at: string, ...ports: readonly number[]): Promise<Program> {
  return Program.start(lab, at, node(serverScript, at, ...ports.map(String)), /^listening/)
}

const visitorScript = `
  const net = require('node:net'), dgram = require('node:dgram')
  const [protocol, host, port, count, patienceMs, localPort] = process.argv.slice(1)
  const tcp = () => new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port) }).setTimeout(Number(patienceMs))
    const end = (what) => { socket.destroy(); resolve(what) }
    socket.on('data', (data) => end(data.toString().trim())).on('error', (error) => end(error.code))
      .on('timeout', () => end('silence'))
  })
  const udp = () => new Promise((resolve) => {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
    const end = (what) => { clearTimeout(timer); socket.close(); resolve(what) }
    const timer = setTimeout(end, Number(patienceMs), 'silence')
    socket.on('message', (data) => end(data.toString())).on('error', (error) => end(error.code))
    const say = () => socket.connect(Number(port), host, () => socket.send('hello'))
    if (Number(localPort) > 0) socket.bind(Number(localPort), say)
    else say()
  })
  const all = async () => {
    const heard = []
    for (let n = 0; n < Number(count); n++) heard.push(await (protocol === 'tcp' ? tcp : udp)())
    console.log(JSON.stringify(heard))
  }
  void all()`

/** Who is asked for what. */
export interface Visit {
  readonly host: string
  readonly port: number
  readonly protocol?: 'tcp' | 'udp'
  /** Connections, one after the other. */
  readonly count?: number
  readonly patienceMs?: number
  /** The port that datagrams come from. */
  readonly localPort?: number
}

/** What each connection to a greeter hears first: its greeting, the code of an error, or \`silence\`. */
export async function visit(
  lab: Lab,
  from: string,
  { host, port, protocol = 'tcp', count = 1, patienceMs = 3000, localPort = 0 }: Visit,
): Promise<readonly string[]> {
  const numbers = [port, count, patienceMs, localPort].map(String)
  const { stdout } = await lab.exec(from, node(visitorScript, protocol, host, ...numbers))
  return JSON.parse(stdout)
}
