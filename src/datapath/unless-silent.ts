/** A switch that was asked for something has said nothing for too long. Its connection may end later, or it may go on. */
export class SwitchSilent extends Error {
  override readonly name = 'SwitchSilent'
  readonly code = 'switch-silent'

  constructor(readonly silenceMs: number) {
    super(`the switch has said nothing for ${silenceMs} ms`)
  }
}

/**
 * What `work` resolves to. Rejects with SwitchSilent when it has not called `heard` for so long; what it does after that
 * is in vain.
 */
export async function unlessSilent<T>(
  silenceMs: number,
  work: (heard: () => void) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SwitchSilent(silenceMs)), silenceMs)
  })
  try {
    return await Promise.race([work(() => timer?.refresh()), silence])
  } finally {
    clearTimeout(timer)
  }
}
