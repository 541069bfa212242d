/** What `ovs-ofctl` sends: a switch that agrees to everything and keeps it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { Framer, type Version } from '../../src/openflow/index.js'

const hello = 0
const barrierRequest = 20
const barrierReply = 21

function serve(socket: Socket, version: Version, sent: Buffer[]): void {
  const framer = new Framer()
  // The tool resets the connection when it gives up.
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    for (const message of framer.push(chunk)) {
      const type = message[1]
      if (type === hello) socket.write(Buffer.from([version, hello, 0, 8, 0, 0, 0, 1]))
      else if (type === barrierRequest) {
        const reply = Buffer.from(message)
        reply[1] = barrierReply
        socket.write(reply)
      } else sent.push(Buffer.from(message))
    }
  })
}

/** The messages that the command sends, without hellos and barriers; none when it refuses its arguments. */
export async function captureTool(
  version: Version,
  command: readonly string[],
  ...args: readonly string[]
): Promise<Buffer[]> {
  const sent: Buffer[] = []
  const server = createServer((socket) => serve(socket, version, sent))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const options = ['-vconsole:off', '--no-names', '--timeout=10', '-O', `OpenFlow1${version - 1}`]
  const child = spawn('ovs-ofctl', [...options, ...command, `tcp:127.0.0.1:${address.port}`, ...args], {
    stdio: 'ignore',
  })
  await once(child, 'exit')
  server.close()
  return sent
}
