/** Flows, groups and meters are kept in the encoding of OpenFlow 1.5; a session of an older version translates. */
export const nativeVersion = 6
