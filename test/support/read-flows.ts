/** Gives a switch flows, and asks for them, with a few bytes of OpenFlow, independent of the session that the product has. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { Writer } from '../../src/openflow/bytes.js'
import {
  encodeFlags,
  encodeInstructions,
  encodeMatch,
  type Flow,
  type Version,
} from '../../src/openflow/flow.js'

const multipartRequest = 18
const multipartReply = 19

const flowMod = 14
const barrierRequest = 20
const barrierReply = 21

/** Sends messages after a hello and gives each answer to `take` until that says that it has all it wants. */
async function talk(
  path: string,
  version: Version,
  messages: readonly Buffer[],
  take: (message: Buffer) => boolean,
): Promise<void> {
  const socket = connect(path)
  await once(socket, 'connect')
  socket.write(Buffer.concat([Buffer.from([version, 0, 0, 8, 0, 0, 0, 1]), ...messages]))
  let received = Buffer.alloc(0)
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk])
    while (received.length >= 8 && received.length >= received.readUInt16BE(2)) {
      const message = received.subarray(0, received.readUInt16BE(2))
      received = received.subarray(message.length)
      if (take(message)) {
        socket.destroy()
        return
      }
    }
  }
  throw new Error('switch closed the connection')
}

/** Adds flows as the product encodes them; answers the errors by the flow's place in the list. */
export async function sendFlows(path: string, version: Version, flows: readonly Flow[]): Promise<string[]> {
  const errors: string[] = []
  const messages = flows.map((flow, i) => {
    const w = new Writer()
    w.u8(version)
    w.u8(flowMod)
    w.u16(0)
    w.u32(i + 100)
    w.u64(flow.cookie)
    w.u64(0n)
    w.u8(flow.table)
    w.u8(0)
    w.u16(flow.idleTimeout ?? 0)
    w.u16(flow.hardTimeout ?? 0)
    w.u16(flow.priority)
    w.u32(0xffffffff)
    w.u32(0xffffffff)
    w.u32(0xffffffff)
    w.u16(encodeFlags(flow.flags))
    w.u16(version === 4 ? 0 : (flow.importance ?? 0))
    encodeMatch(w, flow.match, version)
    encodeInstructions(w, flow.actions, version)
    w.patchU16(2, w.length)
    return w.finish()
  })
  await talk(
    path,
    version,
    [...messages, Buffer.from([version, barrierRequest, 0, 8, 0, 0, 0, 3])],
    (message) => {
      if (message[1] === 1)
        errors.push(`flow ${message.readUInt32BE(4) - 100}: ${message.subarray(8, 12).toString('hex')}`)
      return message[1] === barrierReply
    },
  )
  return errors
}

/** Bodies of the replies to one request for all flows (flow descriptions in OpenFlow 1.5, flow statistics before). */
export async function readFlowReplies(path: string, version: Version): Promise<Buffer[]> {
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
  const bodies: Buffer[] = []
  await talk(path, version, [request], (message) => {
    if (message[1] === 1) throw new Error(`switch answers with error ${message.subarray(8).toString('hex')}`)
    if (message[1] !== multipartReply) return false
    bodies.push(message.subarray(16))
    return (message.readUInt16BE(10) & 1) === 0
  })
  return bodies
}
