import type { StartController } from '../../src/api/start-controller.js'
import { runProcess } from '../../src/cli/run-process.js'
import { fakeCommands } from './fake-commands.js'
import { FakeController, flowView } from './fake-controller.js'

/** A process of the program with a fake controller, which says what happens to it in its log. */
const startController: StartController = async ({ log, ...options }) => {
  log.info({ options }, 'started')
  const behaviour = process.env.FAKE_CONTROLLER
  if (behaviour === 'cannot-start') throw new Error('the state directory cannot be written')
  const api = new FakeController()
  api.onReread = () => log.info('reread')
  api.served = (function* () {
    for (let n = 0; n < 1_000_000; n++) yield flowView({ priority: n })
  })()
  return {
    api,
    ready: behaviour === 'never-ready' ? new Promise(() => {}) : Promise.resolve(),
    failed:
      behaviour === 'fails' ? Promise.resolve(new Error('the switch is on fire')) : new Promise(() => {}),
    close: async () => log.info('closed'),
  }
}

await runProcess('1.2.3', (context) => fakeCommands(context, { startController }))
