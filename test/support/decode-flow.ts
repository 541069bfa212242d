/** Takes flow replies apart into flows, keeping the bytes from which match and instructions were decoded. */
import { Reader } from '../../src/openflow/bytes.js'
import {
  decodeFlags,
  decodeInstructions,
  decodeMatch,
  type Flow,
  type Version,
} from '../../src/openflow/flow.js'

export interface ReadFlow {
  readonly flow: Flow
  readonly match: Buffer
  readonly instructions: Buffer
}

function between(r: Reader, start: number): Buffer {
  return r.buffer.subarray(start, r.offset)
}

/** `struct ofp_flow_desc` (OpenFlow 1.5.1, §7.3.5.2) or `struct ofp_flow_stats` (1.3.5, §7.3.5.2). */
function readFlow(r: Reader, version: Version): ReadFlow {
  const body = r.window(r.buffer.readUInt16BE(r.offset))
  body.skip(version === 6 ? 4 : 2)
  const table = body.u8()
  body.skip(version === 6 ? 1 : 9)
  const [priority, idleTimeout, hardTimeout, flags, importance] = [
    body.u16(),
    body.u16(),
    body.u16(),
    body.u16(),
    body.u16(),
  ]
  body.skip(version === 6 ? 0 : 2)
  const cookie = body.u64()
  body.skip(version === 6 ? 0 : 16)
  const matchStart = body.offset
  const match = decodeMatch(body, version)
  const matchBytes = between(body, matchStart)
  if (version === 6) {
    const start = body.offset
    body.skip(2)
    body.skip(body.u16() - 4)
    body.align(8, start)
  }
  const actionsStart = body.offset
  const actions = decodeInstructions(body, version)
  return {
    flow: {
      table,
      priority,
      cookie,
      match,
      actions,
      idleTimeout,
      hardTimeout,
      importance,
      flags: decodeFlags(flags),
    },
    match: matchBytes,
    instructions: between(body, actionsStart),
  }
}

/** All flows of the bodies. */
export function readFlows(bodies: readonly Buffer[], version: Version): ReadFlow[] {
  return bodies.flatMap((body) => {
    const r = new Reader(body)
    const flows: ReadFlow[] = []
    while (r.remaining > 0) flows.push(readFlow(r, version))
    return flows
  })
}
