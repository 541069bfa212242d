/** Bytes that are in use once garbage is gone. Needs `node --expose-gc`. */
export function usedBytes(): number {
  if (!globalThis.gc) throw new Error('start with node --expose-gc')
  for (let times = 0; times < 3; times++) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
