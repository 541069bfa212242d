/** A line that is longer than its reader allows. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
  readonly code = 'line-too-long'
  constructor(readonly maxBytes: number) {
    super(`a line is longer than ${maxBytes} bytes`)
  }
}

const newline = 10

/**
 * The lines of a stream of UTF-8 text, without their ends and without empty ones; a last one without an end counts too.
 * The stream is read only as fast as lines are taken.
 * @throws LineTooLongError where a line is longer than `maxBytes`
 */
export async function* lines(
  stream: AsyncIterable<Uint8Array>,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = []
  let size = 0
  const add = (part: Uint8Array) => {
    size += part.length
    if (size > maxBytes) throw new LineTooLongError(maxBytes)
    if (part.length > 0) parts.push(part)
  }
  const take = () => {
    const line = Buffer.concat(parts, size).toString().trim()
    parts = []
    size = 0
    return line
  }
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end))
      start = end + 1
      const line = take()
      if (line !== '') yield line
    }
    add(chunk.subarray(start))
  }
  const last = take()
  if (last !== '') yield last
}
