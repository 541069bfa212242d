/** Fields that come before the packet's own, and registers and metadata, which come after. */
import { numbered, u16, u32, u64, u128 } from './field.js'

/** The highest number of each kind of register is fixed by Open vSwitch: 16 words, seen as 32, 64 or 128 bits. */
type Reg = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15
export type RegName = `reg${Reg}`
export type XregName = `xreg${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`
export type XxregName = `xxreg${0 | 1 | 2 | 3}`

export const first = {
  /** Namespace in the upper, type in the lower 16 bits; 0 is Ethernet. */
  packetType: u32('packet_type', 32, 'packetType', 'OXM_OF_PACKET_TYPE 44 6'),
  dpHash: u32('dp_hash', 32, 'hex', 'NXM_NX_DP_HASH 35', 'NXOXM_ET_DP_HASH 0'),
  recircId: u32('recirc_id', 32, 'decimal', 'NXM_NX_RECIRC_ID 36'),
  conjId: u32('conj_id', 32, 'decimal', 'NXM_NX_CONJ_ID 37'),
  /** Ingress port with the numbers of OpenFlow 1.0: what `NXM_OF_IN_PORT[]` means in actions. A match says `inPort`. */
  inPort16: u16('in_port', 16, 'port', 'NXM_OF_IN_PORT 0'),
  inPort: u32('in_port_oxm', 32, 'port', 'OXM_OF_IN_PORT 0'),
  actsetOutput: u32('actset_output', 32, 'port', 'ONFOXM_ET_ACTSET_OUTPUT 43', 'OXM_OF_ACTSET_OUTPUT 43 6'),
}

export const registers = {
  ...numbered(16, (i) => [`reg${i}` as RegName, u32(`reg${i}`, 32, 'hex', `NXM_NX_REG${i} ${i}`)]),
  ...numbered(8, (i) => [`xreg${i}` as XregName, u64(`xreg${i}`, `OXM_OF_PKT_REG${i} ${i}`)]),
  ...numbered(4, (i) => [`xxreg${i}` as XxregName, u128(`xxreg${i}`, `NXM_NX_XXREG${i} ${i + 111}`)]),
  pktMark: u32('pkt_mark', 32, 'hex', 'NXM_NX_PKT_MARK 33'),
}

export const last = {
  metadata: u64('metadata', 'OXM_OF_METADATA 2'),
}
