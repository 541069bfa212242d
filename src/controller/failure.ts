/** What made it impossible to go on; never, in a good life. */
export class Failure {
  readonly first: Promise<Error>
  #set: (error: Error) => void = () => undefined

  constructor() {
    this.first = new Promise((resolve) => {
      this.#set = resolve
    })
  }

  set(error: unknown): void {
    this.#set(error instanceof Error ? error : new Error(String(error)))
  }
}
