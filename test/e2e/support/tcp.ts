import type { Lab } from '../../../src/lab/index.js'
import { Program } from './program.js'

const node = (script: string, ...args: readonly string[]): string[] => [
  process.execPath,
  '--input-type=commonjs',
  '-e',
  script,
  ...args,
]

const echoServer = `
  const [port] = process.argv.slice(1).map(Number)
  require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
    console.log('from', socket.remoteAddress.replace('::ffff:', ''), socket.remotePort)
    socket.on('error', (error) => console.log('error', error.code)).pipe(socket)
  }).listen(port, '::', () => console.log('listening'))`

/** A server that sends back what it gets, and prints `from ADDRESS PORT` for each connection. */
export function echo(lab: Lab, at: string, port: number): Promise<Program> {
  return Program.start(lab, at, node(echoServer, String(port)), /^listening/)
}

const countingServer = `
  const [port] = process.argv.slice(1).map(Number)
  const begun = new Promise((resolve) => process.stdin.once('data', resolve))
  require('node:net').createServer((socket) => {
    let last = 0
    let timer
    begun.then(() => { timer = setInterval(() => socket.write(++last + '\\n'), 10) })
    socket.on('error', (error) => console.log('error', error.code)).on('close', () => clearInterval(timer)).resume()
  }).listen(port, '::', () => console.log('listening'))`

/**
 * A server that says nothing until something is written to the program, and from then on counts, on each connection, by a
 * line every 10 ms. It prints `error CODE` of connections that fail.
 */
export function counting(lab: Lab, at: string, port: number): Promise<Program> {
  return Program.start(lab, at, node(countingServer, String(port)), /^listening/)
}

const clientScript = `
  const [host, port, localPort] = process.argv.slice(1)
  const socket = require('node:net').connect({ host, port: Number(port), localPort: Number(localPort) || undefined })
  socket.on('connect', () => console.log('connected'))
  socket.on('error', (error) => console.log('error', error.code))
  process.stdin.pipe(socket)
  socket.pipe(process.stdout)`

/** A connection that stays: what is written to the program goes to the server, lines that come back are its output. */
export function dial(lab: Lab, from: string, host: string, port: number, localPort = 0): Promise<Program> {
  return Program.start(
    lab,
    from,
    node(clientScript, host, String(port), String(localPort)),
    /^connected|^error/,
  )
}

const attemptScript = `
  const [host, port, patienceMs] = process.argv.slice(1)
  const end = (what) => { console.log(what); process.exit() }
  require('node:net').connect(Number(port), host)
    .on('connect', () => end('connected')).on('error', (error) => end(error.code))
  setTimeout(() => end('silence'), Number(patienceMs))`

/** What comes of opening a connection: `connected`, the code of an error, or `silence` after \`patienceMs\`. */
export async function attempt(
  lab: Lab,
  from: string,
  host: string,
  port: number,
  patienceMs = 1500,
): Promise<string> {
  const { stdout } = await lab.exec(from, node(attemptScript, host, String(port), String(patienceMs)))
  return stdout.trim()
}

const transferScript = `
  const { createHash, randomBytes } = require('node:crypto')
  const [host, port, bytes] = process.argv.slice(1)
  const data = randomBytes(Number(bytes))
  const back = createHash('sha256')
  let length = 0
  const socket = require('node:net').connect(Number(port), host)
  socket.on('data', (part) => { length += part.length; back.update(part) })
  socket.on('end', () => {
    const sent = createHash('sha256').update(data).digest('hex')
    console.log(JSON.stringify({ received: length, intact: back.digest('hex') === sent }))
  })
  socket.on('error', (error) => { console.log(JSON.stringify({ error: error.code })); process.exit() })
  socket.end(data)`

/** Sends so many random bytes to an echo server and compares what comes back. */
export async function transfer(
  lab: Lab,
  from: string,
  host: string,
  port: number,
  bytes: number,
): Promise<unknown> {
  const { stdout } = await lab.exec(from, node(transferScript, host, String(port), String(bytes)))
  return JSON.parse(stdout)
}

const udpEchoScript = `
  const [port] = process.argv.slice(1).map(Number)
  const socket = require('node:dgram').createSocket({ type: 'udp6' })
  socket.on('message', (data, { address, port }) => {
    console.log('got', data.length)
    socket.send(data, port, address)
  })
  socket.bind(port, '::', () => console.log('listening'))`

/** A server that sends datagrams back, and prints `got BYTES` for each. */
export function udpEcho(lab: Lab, at: string, port: number): Promise<Program> {
  return Program.start(lab, at, node(udpEchoScript, String(port)), /^listening/)
}

const refusedScript = `
  const [host, port, patienceMs] = process.argv.slice(1)
  const socket = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const end = (what) => { console.log(what); process.exit() }
  socket.on('error', (error) => end(error.code))
  socket.connect(Number(port), host, () => {
    socket.send('hello')
    setInterval(() => socket.send('hello'), 1000)
  })
  setTimeout(() => end('silence'), Number(patienceMs))`

/** By which error the network answers a datagram each second, as their socket hears it; or `silence`. */
export async function refusal(
  lab: Lab,
  from: string,
  host: string,
  port = 9,
  patienceMs = 3500,
): Promise<string> {
  return (await lab.exec(from, node(refusedScript, host, String(port), String(patienceMs)))).stdout.trim()
}

const floodScript = `
  const [host, port, perSecond, seconds] = process.argv.slice(1)
  const socket = require('node:dgram').createSocket('udp4')
  const start = performance.now()
  let sent = 0
  const turn = () => {
    const passed = Math.min((performance.now() - start) / 1000, seconds)
    for (; sent < passed * perSecond; sent++) socket.send('x', port, host)
    if (passed < seconds) setTimeout(turn, 5)
    else setTimeout(() => { console.log(sent); socket.close() }, 100)
  }
  turn()`

/** Sends datagrams at a rate, and returns how many. */
export async function flood(
  lab: Lab,
  from: string,
  host: string,
  port: number,
  perSecond: number,
  seconds: number,
): Promise<number> {
  const argv = node(floodScript, host, String(port), String(perSecond), String(seconds))
  return Number((await lab.exec(from, argv)).stdout)
}

const udpScript = `
  const [host, port, bytes, patienceMs, localPort] = process.argv.slice(1)
  const data = require('node:crypto').randomBytes(Number(bytes))
  const socket = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const end = (what) => { console.log(what); process.exit() }
  socket.on('message', (back) => end(back.equals(data) ? 'intact' : 'changed'))
  socket.bind(Number(localPort), () => socket.send(data, Number(port), host, (error) => error && end(error.code)))
  setTimeout(() => end('silence'), Number(patienceMs))`

/** What comes of a datagram of so many bytes to an echo server: `intact`, `changed`, an error's code, `silence`. */
export async function datagram(
  lab: Lab,
  from: string,
  host: string,
  port: number,
  bytes: number,
  patienceMs = 2000,
  localPort = 0,
): Promise<string> {
  const argv = node(udpScript, host, String(port), String(bytes), String(patienceMs), String(localPort))
  return (await lab.exec(from, argv)).stdout.trim()
}
