import { createInterface } from 'node:readline'
import type { Io } from './io.js'

/** What a command works on, each with its number from 1: what was given, or else the lines of standard input. */
export async function* linesOf(
  { stdin }: Pick<Io, 'stdin'>,
  given: readonly string[],
): AsyncGenerator<readonly [number: number, line: string]> {
  let number = 0
  const lines =
    given.length > 0 ? given : createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) yield [++number, line]
}
