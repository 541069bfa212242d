import test from 'ava'
import { fuzz } from './support/fuzz.js'

test('mutated messages end a connection with a typed error, or do no harm', async (t) => {
  const result = await fuzz({ texts: 5000, seed: 7047, goOn: () => true })
  t.is(result.texts, 5000)
  t.true(result.read > 1000, `${result.read} were JSON`)
  t.true(result.refused > 1000, `${result.refused} were refused`)
})
