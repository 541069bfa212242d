import test from 'ava'
import { Subject } from 'rxjs'
import { batched } from '../../../src/policy/files/batched.js'

/** Lets everything happen that needs no waiting. */
async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(setImmediate)
}

test('what one turn brings goes at once and together, and so does what arrives meanwhile', async (t) => {
  const source = new Subject<string>()
  const batches: string[][] = []
  const finish: (() => void)[] = []
  const results: number[] = []
  source
    .pipe(
      batched((values) => {
        batches.push([...values])
        return new Promise<number>((resolve) => finish.push(() => resolve(values.size)))
      }),
    )
    .subscribe((result) => results.push(result))
  source.next('a')
  source.next('aa')
  await turn()
  t.deepEqual(batches, [['a', 'aa']])
  for (const value of ['b', 'c', 'b']) source.next(value)
  t.is(batches.length, 1)
  finish[0]?.()
  await turn()
  t.deepEqual(batches, [
    ['a', 'aa'],
    ['b', 'c'],
  ])
  finish[1]?.()
  await turn()
  t.deepEqual(results, [2, 2])
  source.next('d')
  await turn()
  t.deepEqual(batches.at(-1), ['d'])
})

test('an error of the work ends the result', async (t) => {
  const source = new Subject<string>()
  const cause = new Error('no')
  const error = new Promise((resolve) => {
    source.pipe(batched(() => Promise.reject(cause))).subscribe({ error: resolve })
  })
  source.next('a')
  t.is(await error, cause)
})
