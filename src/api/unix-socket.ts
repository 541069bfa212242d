import { chmod, lstat, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer, type Server, Socket } from 'node:net'
import { dirname, join } from 'node:path'

/** The unix socket cannot be used; `code` says why. */
export class SocketError extends Error {
  override readonly name = 'SocketError'
  constructor(
    readonly code: 'in-use' | 'not-a-socket' | 'cannot-listen',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * Makes sure that nobody serves `path`: it does not exist, or it is what a process left that has ended.
 * @throws SocketError
 */
export async function checkSocketFree(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw new SocketError('cannot-listen', `${path}: ${error.message}`, { cause: error })
  })
  if (found === undefined) return
  if (!found.isSocket()) throw new SocketError('not-a-socket', `${path} exists and is not a socket`)
  if (await answers(path))
    throw new SocketError(
      'in-use',
      `${path} is served by another process: end that controller, or choose another socket`,
    )
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket()
    const answer = (value: boolean) => {
      socket.destroy()
      resolve(value)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      answer(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
    socket.connect(path)
  })
}

/** A listening unix socket. */
export interface UnixSocket {
  readonly server: Server
  /** Takes no more connections, and removes the file where it is still this socket's. */
  close(): Promise<void>
}

/**
 * Listens on `path` with mode 0600, in place of a socket that nobody serves any more. The parent directory is made with
 * mode 0755 where it does not exist. Nobody else can connect at any moment, since the socket gets its mode in a private
 * directory and only then its name.
 * @throws SocketError
 */
export async function listenOnUnixSocket(
  path: string,
  onConnection: (socket: Socket) => void,
): Promise<UnixSocket> {
  await checkSocketFree(path)
  const server = createServer({ allowHalfOpen: true }, onConnection)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    const birthplace = await mkdtemp(join(dirname(path), '.'))
    try {
      const name = join(birthplace, 's')
      await listen(server, name)
      await chmod(name, 0o600)
      await rename(name, path)
    } finally {
      await rm(birthplace, { recursive: true, force: true })
    }
  } catch (error) {
    server.close()
    const reason = error instanceof Error ? error.message : String(error)
    throw new SocketError('cannot-listen', `cannot listen on ${path}: ${reason}`, { cause: error })
  }
  const { ino } = await lstat(path)
  return {
    server,
    close: async () => {
      server.close()
      if ((await inodeOf(path)) === ino) await rm(path, { force: true })
    },
  }
}

/** Undefined where there is nothing. */
async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).ino
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}
