/** Asks a switch for its flows with a few bytes of OpenFlow, independent of the session that the product has. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Version } from '../../src/openflow/flow.js'

const multipartRequest = 18
const multipartReply = 19

/** Bodies of the replies to one request for all flows (flow descriptions in OpenFlow 1.5, flow statistics before). */
export async function readFlowReplies(path: string, version: Version): Promise<Buffer[]> {
  const socket = connect(path)
  const hello = Buffer.from([version, 0, 0, 8, 0, 0, 0, 1])
  const request = Buffer.alloc(16 + 32 + 8)
  request.set([version, multipartRequest])
  request.writeUInt16BE(request.length, 2)
  request.writeUInt32BE(2, 4)
  request.writeUInt16BE(1, 8)
  request.set([0xff], 16)
  request.writeUInt32BE(0xffffffff, 20)
  request.writeUInt32BE(0xffffffff, 24)
  request.writeUInt16BE(1, 48)
  request.writeUInt16BE(4, 50)
  await once(socket, 'connect')
  socket.write(Buffer.concat([hello, request]))
  const bodies: Buffer[] = []
  let received = Buffer.alloc(0)
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk])
    while (received.length >= 8 && received.length >= received.readUInt16BE(2)) {
      const message = received.subarray(0, received.readUInt16BE(2))
      received = received.subarray(message.length)
      if (message[1] === 1)
        throw new Error(`switch answers with error ${message.subarray(8).toString('hex')}`)
      if (message[1] !== multipartReply) continue
      bodies.push(message.subarray(16))
      if ((message.readUInt16BE(10) & 1) === 0) {
        socket.destroy()
        return bodies
      }
    }
  }
  throw new Error('switch closed the connection')
}
