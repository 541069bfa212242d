/** How long hosts that are new have to say what they carry. */
const limitMs = 2000

/**
 * The time in which hosts that are new (at the start all of them) may say what they carry, before anything is changed on
 * a switch that connects meanwhile: without its ports a host would seem to need next to no flows.
 */
export class Introduction {
  #over = Promise.resolve()
  #end: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param areKnown whether every host has said what it carries */
  constructor(readonly areKnown: () => boolean) {}

  /** Resolves when every host has said what it carries, or has had the time to. */
  get over(): Promise<void> {
    return this.#over
  }

  get isOver(): boolean {
    return this.#end === undefined
  }

  /** A host is new. */
  begin(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.close(), limitMs)
    if (this.#end === undefined)
      this.#over = new Promise((resolve) => {
        this.#end = resolve
      })
    this.check()
  }

  /** A host may have said what it carries. */
  check(): void {
    if (this.areKnown()) this.close()
  }

  /** Nobody is waited for any more. */
  close(): void {
    clearTimeout(this.#timer)
    this.#end?.()
    this.#end = undefined
  }
}
