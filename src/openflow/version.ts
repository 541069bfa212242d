/** Version as on the wire: 4 is OpenFlow 1.3, 5 is 1.4, 6 is 1.5. */
export type Version = 4 | 5 | 6
