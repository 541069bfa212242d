/** Makes those who ask while an answer is on its way share it: switches are asked once for all metrics of a scrape. */
export function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask().finally(() => {
      answer = undefined
    })
    return answer
  }
}
