import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { pino } from 'pino'
import { RpcServer } from '../../src/api/rpc-server.js'
import { serveUnixSocket } from '../../src/api/socket-server.js'
import { FakeController } from './fake-controller.js'
import { temporaryDirectory } from './temporary-directory.js'

export const silent = pino({ level: 'silent' })

/** A fake controller behind a unix socket, until the test ends. */
export async function serveFake(
  t: ExecutionContext,
): Promise<{ controller: FakeController; socket: string }> {
  const controller = new FakeController()
  const socket = join(await temporaryDirectory(t), 'run', 'sluice.sock')
  const serving = await serveUnixSocket(socket, new RpcServer(controller, silent), silent)
  t.teardown(() => serving.close())
  return { controller, socket }
}
