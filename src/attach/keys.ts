/** The keys of an Interface's external_ids that attach and the controller use (docs/attach.md). */
export const keys = {
  /** Which workload it is. */
  iface: 'iface-id',
  /** The MAC that the workload was given, as hypervisors write it. */
  mac: 'attached-mac',
  /** That attach made the port, and of what: `veth` or `tap`. */
  attached: 'sluice:attached',
  /** `?` asks the controller what the workload was given; its answer takes the place. */
  facts: 'sluice:facts',
  /** On whose behalf, so that a late detach of an earlier container removes nothing of its successor. */
  owner: 'sluice:owner',
  /** Which network a workload that no file declares is to be of. */
  network: 'sluice:network',
  tenant: 'sluice:tenant',
  /** What such a workload wants: a MAC, and addresses with commas between them. */
  claimedMac: 'sluice:mac',
  claimedIp: 'sluice:ip',
} as const

/** Asks for the facts. */
export const question = '?'
/** The controller knows no workload of that iface-id. */
export const unknownWorkload = 'none'
