/** Messages that the library does not have because Open vSwitch 3.1 has none of them in OpenFlow 1.3 to 1.5. */
export const absentMessages: readonly (readonly [name: string, reason: string])[] = [
  ['NXT_SET_FLOW_FORMAT', 'OpenFlow 1.0 only: later matches have one format'],
  ['NXT_GROUP_MOD', 'OpenFlow 1.0 only: later versions have `groupMod`'],
  ['NXT_REQUESTFORWARD', 'OpenFlow 1.0 to 1.2; 1.3 has that of the ONF, which is `requestForward` here'],
  ['NXST_FLOW', 'OpenFlow 1.0 only: `flowDescRequest`'],
  ['NXST_AGGREGATE', 'OpenFlow 1.0 only: `aggregateRequest`'],
  ['NXST_GROUP, NXST_GROUP_DESC', 'OpenFlow 1.0 only: `groupStatsRequest`, `groupDescRequest`'],
  ['NXST_GROUP_FEATURES', 'OpenFlow 1.0 and 1.1: `groupFeaturesRequest`'],
  [
    'NXST_FLOW_MONITOR, NXT_FLOW_MONITOR_CANCEL, _PAUSED, _RESUMED',
    "OpenFlow 1.0 to 1.2; 1.3 has those of the ONF, which are `flowMonitor…` here, and later versions the standard's",
  ],
  [
    'NXT_SET_ASYNC_CONFIG2',
    'up to OpenFlow 1.3 only, as the table says: later versions have it as `setAsync`',
  ],
  ['OFPT_CONTROLLER_STATUS, OFPMP_CONTROLLER_STATUS', 'OpenFlow 1.5; Open vSwitch does not implement them'],
  ['OFPMP_BUNDLE_FEATURES', 'OpenFlow 1.5; Open vSwitch does not implement it'],
]
