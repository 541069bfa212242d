/**
 * Every register of the pipeline by name. A register is 32 bits, zero when a packet enters, and kept from table to
 * table and through conntrack; it does not travel to another host.
 */
export const reg = {
  /** VNI of the network that the packet is in: of its source until it is routed, of its destination from then on. */
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
} as const

/** Values of the register `origin`. */
export const origin = { workload: 0, tunnel: 1, outside: 2 } as const
