import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ConnectionError, connect } from '../../../src/ovsdb/index.js'

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'

/**
 * Runs a command until a line comes on standard input. When that ends without a line, the tests themselves were killed:
 * then the directory, which is $0, goes too.
 */
const GUARD = '"$@" & read -r line; keep=$?; kill -9 $!; wait; [ $keep = 0 ] || rm -rf "$0"'

const run = promisify(execFile)

/** A private ovsdb-server with an empty database, in a directory of its own. */
export class OvsdbServer {
  #process: ChildProcessByStdio<Writable, null, null> | undefined

  private constructor(
    readonly directory: string,
    readonly remotes: readonly string[],
  ) {}

  /** @param remotes where it listens besides its unix socket, and other options, as on its command line */
  static start(remotes: readonly string[] = []): Promise<OvsdbServer> {
    return OvsdbServer.#create(remotes, (database) => ['create', database, SCHEMA])
  }

  /** With a database of another schema, a <database-schema> of RFC 7047 §3.2. */
  static startWith(schema: object): Promise<OvsdbServer> {
    return OvsdbServer.#create([], async (database) => {
      const file = `${database}.ovsschema`
      await writeFile(file, JSON.stringify(schema))
      return ['create', database, file]
    })
  }

  /** The first server of a cluster. Unlike a standalone one it remembers recent transactions. */
  static startCluster(): Promise<OvsdbServer> {
    return OvsdbServer.#create([], (database) => [
      'create-cluster',
      database,
      SCHEMA,
      `unix:${database}.raft`,
    ])
  }

  /** One more server for the cluster of another one. */
  static join(member: OvsdbServer): Promise<OvsdbServer> {
    return OvsdbServer.#create([], (database) => [
      'join-cluster',
      database,
      'Open_vSwitch',
      `unix:${database}.raft`,
      `unix:${join(member.directory, 'db.raft')}`,
    ])
  }

  static async #create(
    remotes: readonly string[],
    tool: (database: string) => readonly string[] | Promise<readonly string[]>,
  ): Promise<OvsdbServer> {
    const server = new OvsdbServer(await mkdtemp(join(tmpdir(), 'ovsdb-')), remotes)
    try {
      await run('ovsdb-tool', await tool(join(server.directory, 'db')))
      await server.restart()
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  get endpoint(): string {
    return `unix:${join(this.directory, 'sock')}`
  }

  /** Starts the process on the database as it is; resolves when it answers. */
  async restart(): Promise<void> {
    const remotes = [`--remote=punix:${join(this.directory, 'sock')}`, ...this.remotes]
    this.#process = spawn(
      'sh',
      [
        '-c',
        GUARD,
        this.directory,
        'ovsdb-server',
        join(this.directory, 'db'),
        '--no-chdir',
        `--unixctl=${join(this.directory, 'ctl')}`,
        `--pidfile=${this.#pidFile}`,
        '-vconsole:off',
        ...remotes,
      ],
      { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, OVS_RUNDIR: this.directory } },
    )
    const deadline = performance.now() + 30_000
    while (!(await this.#answers())) {
      if (this.#process.exitCode !== null || performance.now() > deadline)
        throw new Error('ovsdb-server did not start')
      await setTimeout(25)
    }
  }

  async #answers(): Promise<boolean> {
    try {
      const client = await connect(this.endpoint)
      await client.listDatabases()
      client.close()
      return true
    } catch (error) {
      if (error instanceof ConnectionError) return false
      throw error
    }
  }

  /** Ends the process without notice; the database stays. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child) return
    const exit = once(child, 'exit')
    child.stdin.write('\n')
    await exit
  }

  /** Lets the process do nothing until it is resumed; whoever dials it waits. */
  async pause(): Promise<void> {
    process.kill(await this.#pid(), 'SIGSTOP')
  }

  async resume(): Promise<void> {
    process.kill(await this.#pid(), 'SIGCONT')
  }

  get #pidFile(): string {
    return join(this.directory, 'pid')
  }

  async #pid(): Promise<number> {
    return Number(await readFile(this.#pidFile, 'utf8'))
  }

  /** A command to the running process, as ovs-appctl gives it. */
  async control(command: string, ...args: string[]): Promise<string> {
    return (await run('ovs-appctl', ['-t', join(this.directory, 'ctl'), command, ...args])).stdout
  }

  /** Ends the process and removes the directory. */
  async stop(): Promise<void> {
    await this.kill()
    await rm(this.directory, { recursive: true, force: true })
  }
}
