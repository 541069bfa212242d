import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { SwitchSilent, unlessSilent } from '../../src/datapath/unless-silent.js'

test('what is heard of now and then may take its time', async (t) => {
  const work = async (heard: () => void) => {
    for (let turn = 0; turn < 5; turn++) {
      await sleep(200)
      heard()
    }
    return 'done'
  }
  t.is(await unlessSilent(800, work), 'done')
})

test('silence ends the wait; what fails fails', async (t) => {
  await t.throwsAsync(
    unlessSilent(20, () => new Promise(() => undefined)),
    { instanceOf: SwitchSilent, code: 'switch-silent', message: 'the switch has said nothing for 20 ms' },
  )
  const failure = new Error('refused')
  t.is(
    await t.throwsAsync(
      unlessSilent(10_000, async () => {
        throw failure
      }),
    ),
    failure,
  )
})

test('what fails after the wait has ended disturbs nobody', async (t) => {
  const late = async () => {
    await sleep(60)
    throw new Error('too late')
  }
  await t.throwsAsync(unlessSilent(20, late), { instanceOf: SwitchSilent })
  await sleep(100)
  t.pass()
})
