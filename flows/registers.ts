/**
 * Every register of the pipeline by name. A register is 32 bits, zero when a packet enters, and kept from table to
 * table and through conntrack; it does not travel to another host.
 */
export const reg = {
  /** VNI of the network that the packet is in: of its source until it is routed, of its destination from then on; of a copy, VNI of its mirror. */
  network: 'reg0',
  /** Number of the tenant whose router the packet is at. */
  tenant: 'reg1',
  /** Key of the workload that sent the packet on this host; 0 for what came from elsewhere. */
  source: 'reg2',
  /** Key of the workload or gateway that the packet goes to. */
  destination: 'reg3',
  /** How the packet came to this host, a value of {@link origin}. */
  origin: 'reg4',
  /** Number of the gateway that the packet leaves or entered by. */
  gateway: 'reg5',
  /** What policy has decided: the id of a rule, with `mark.keep` and, on its way into the label, `mark.admitted`. */
  verdict: 'reg6',
  /** Whose workload the other end is: a tenant's number, `ownTenant`, or 0 for no workload. */
  peerTenant: 'reg7',
  /** Class of the labels of the workload here: the source, and from its host on the destination. The upper half. */
  classHigh: 'reg8',
  /** Class of the labels of the workload here, the lower half. */
  classLow: 'reg9',
  /** Class of the labels of the workload at the other end, the upper half. */
  peerClassHigh: 'reg10',
  /** Class of the labels of the workload at the other end, the lower half. */
  peerClassLow: 'reg11',
  /** Class of the cluster's address groups that contain the other end, the upper half; 0 for none. */
  groupHigh: 'reg12',
  /** Class of the cluster's address groups that contain the other end, the lower half. */
  groupLow: 'reg13',
  /** Class of the tenant's address groups that contain the other end, the upper half; 0 for none. */
  tenantGroupHigh: 'reg14',
  /** Class of the tenant's address groups that contain the other end, the lower half. */
  tenantGroupLow: 'reg15',
} as const

/** What there is no register left for: parts of the metadata field, which is kept like a register. */
export const part = {
  /** OpenFlow port of the workload that the packet goes to, on its host. */
  port: { field: 'metadata', offset: 0, bits: 32 },
  /** Whether rules are asked about the packet turned around, a value of {@link question}. */
  question: { field: 'metadata', offset: 32, bits: 3 },
  /** VLAN tag of the workload here at its port, 0: none. Of the source, and from its host on of the destination. */
  tag: { field: 'metadata', offset: 35, bits: 12 },
  /** Whether the packet is larger than the network that it goes to lets through, where that has been checked. */
  larger: { field: 'metadata', offset: 47, bits: 1 },
  /** Conntrack zone of policy, of the tenant whose workload is here: the source's, and from its host on the destination's. */
  zone: { field: 'metadata', offset: 48, bits: 16 },
} as const

/** Values of the register `origin`. */
export const origin = {
  workload: 0,
  tunnel: 1,
  outside: 2,
  heartbeat: 3,
  wire: 4,
  question: 5,
  exit: 6,
  service: 7,
} as const

/** Value of the part `tag` for a workload without a tag, at a port that it shares with others that have one. */
export const untaggedOfTrunk = 0xfff

/** Value of the register `peerTenant`: the judged workload's own tenant, whichever that is. */
export const ownTenant = 0xffffffff

/**
 * Values of the part `question`: none; rules are asked about the packet turned around; they have said "allowed"; they have
 * not, so the packet is judged as it is, but not remembered.
 */
export const question = { none: 0, asked: 1, allowed: 2, refused: 4 } as const

/** The bit of the part `question` that tells `asked` from all others. */
export const askedBit = { ...part.question, bits: 1 } as const

/**
 * Bits of ct_label in a tenant's policy zone: the rule that admitted the connection where it left its source, and the
 * one where it reached its destination. One entry serves both where both are on one host.
 */
export const label = {
  /** Index of the admitting egress rule in its policy's list. */
  egressIndex: { offset: 0, bits: 11 },
  /** Number of the admitting egress rule's policy; 0: no policy said otherwise. */
  egressPolicy: { offset: 11, bits: 19 },
  /** The connection outlives the egress rule: its policy is `keep`. */
  egressKeep: { offset: 30, bits: 1 },
  /** The connection was admitted at egress. */
  egressAdmitted: { offset: 31, bits: 1 },
  /** Index of the admitting ingress rule in its policy's list. */
  ingressIndex: { offset: 32, bits: 11 },
  /** Number of the admitting ingress rule's policy; 0: no policy said otherwise. */
  ingressPolicy: { offset: 43, bits: 19 },
  /** The connection outlives the ingress rule: its policy is `keep`. */
  ingressKeep: { offset: 62, bits: 1 },
  /** The connection was admitted at ingress. */
  ingressAdmitted: { offset: 63, bits: 1 },
} as const

/**
 * The conntrack zone through which fragments go that begin a connection. None is ever committed there; it is between those
 * of address translation and those of policy.
 */
export const fragmentZone = 0x8000

/** Bits above a rule's id: in the register `verdict`, and in the same places of each half of the label. */
export const mark = { admitted: 0x80000000, keep: 0x40000000 } as const

/** The id of a rule, 30 bits: policy number (19 bits), index in the list of its direction (11 bits). */
export function ruleId(policy: number, index: number): number {
  return policy * 2048 + index
}

/** The index that stands for what a policy drops because none of its rules allows it. */
export const isolation = 2047

/** The rule id of what no policy decides. */
export const noRule = 0
