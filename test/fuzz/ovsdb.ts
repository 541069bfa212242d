import { fuzz } from '../ovsdb/support/fuzz.js'

/**
 * Mutated messages against the reader of JSON, the client above it and the replica. Arguments: texts (1,000,000), seed
 * (the time), seconds after which it ends (600). Ends with an error at the first text that does what it should not.
 */
const texts = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
const limitMs = 1000 * Number(process.argv[4] ?? 600)

const begin = performance.now()
const result = await fuzz({ texts, seed, goOn: () => performance.now() - begin < limitMs })
const seconds = Math.round((performance.now() - begin) / 1000)
console.log(JSON.stringify({ fuzz: 'ovsdb', seed, ...result, seconds }))
