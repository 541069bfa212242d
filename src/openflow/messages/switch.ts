/** What the switch says of itself, and generic multipart messages (OpenFlow 1.5.1, §7.3.5.1 and §7.3.5.21). */
import { rest, struct, text, u32 } from '../codec.js'
import { empty, experimenterMultipart, multipart } from './kind.js'

export const [descRequest, descReply] = multipart(
  'desc',
  0,
  empty,
  struct({
    manufacturer: text(256),
    hardware: text(256),
    software: text(256),
    serial: text(32),
    datapath: text(256),
  }),
)

const experimenter = struct({ experimenter: u32, subtype: u32, data: rest })
export const [experimenterMultipartRequest, experimenterMultipartReply] = multipart(
  'experimenterMultipart',
  experimenterMultipart,
  experimenter,
  experimenter,
)
