/** Does some work and then, whatever came of it, ends what was started for it: also when this process is told to end. */
export async function ending<T>(stop: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const told = () => void stop().finally(() => process.exit(1))
  process.once('SIGINT', told).once('SIGTERM', told)
  try {
    return await work()
  } finally {
    process.off('SIGINT', told).off('SIGTERM', told)
    await stop()
  }
}
