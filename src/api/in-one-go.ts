/** What a function answers, asked once for all who want it in one go: until whoever runs now has come to an end. */
export function inOneGo<T>(ask: () => T): () => T {
  let answer: { readonly value: T } | undefined
  return () => {
    if (answer) return answer.value
    answer = { value: ask() }
    queueMicrotask(() => {
      answer = undefined
    })
    return answer.value
  }
}
