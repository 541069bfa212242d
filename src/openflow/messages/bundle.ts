/** Bundles: changes that happen together or not at all (OpenFlow 1.5.1, §7.3.9.2; in 1.3 the ONF's extension 230). */
import { join, named, pad, rest, struct, u16, u32 } from '../codec.js'
import { properties } from '../properties.js'
import { kind, onf } from './kind.js'

/** OFPBF_*: all or nothing, and in the order given. */
export const BundleFlag = { atomic: 1, ordered: 2 } as const

export const bundleControl = kind(
  'bundleControl',
  [{ type: 33, first: 5 }, onf(2300)],
  join(
    struct({
      bundle: u32,
      control: named(u16, {
        openRequest: 0,
        openReply: 1,
        closeRequest: 2,
        closeReply: 3,
        commitRequest: 4,
        commitReply: 5,
        discardRequest: 6,
        discardReply: 7,
      }),
      flags: u16,
    }),
    properties({}),
  ),
)

/** `message`: a whole message whose transaction id is that of this one, and properties after it. */
export const bundleAdd = kind(
  'bundleAdd',
  [{ type: 34, first: 5 }, onf(2301)],
  struct({ bundle: u32, _: pad(2), flags: u16, message: rest }),
)
