/** Why a packet that a station sent cannot be understood. */
export class Malformed {
  constructor(readonly why: string) {}
}
