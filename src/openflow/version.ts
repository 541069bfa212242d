/** Version as on the wire: 4 is OpenFlow 1.3, 5 is 1.4, 6 is 1.5. */
export type Version = 4 | 5 | 6

/** The versions by the names that people use. */
export const versionNumbers = { '1.3': 4, '1.4': 5, '1.5': 6 } as const
