/** Connections that the switch of a host is to forget: those of a zone that are alike in all that is said of their ends. */
export interface Lost {
  readonly host: string
  readonly match: LostMatch
  /** Whether files say again that there are such connections. */
  readonly isBack: () => boolean
}

export interface LostMatch {
  readonly zone: number
  readonly original?: Ends
  readonly reply?: Ends
}

interface Ends {
  readonly source?: string
  readonly destination?: string
}
