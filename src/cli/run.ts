import { Command, Option } from 'commander'
import type { Logger } from 'pino'
import { type HttpFlags, type HttpOptions, HttpOptionsError, httpOptions } from '../api/http-options.js'
import { serveApi } from '../api/serve.js'
import type { ControllerOptions, StartController } from '../api/start-controller.js'
import { checkSocketFree } from '../api/unix-socket.js'
import { defaultPolicies } from './check.js'
import { type Context, type SocketOption, socketPath, withExample, withSocket } from './context.js'
import { wrongUsage } from './failure.js'
import type { Io } from './io.js'
import { createLogger, type LoggerOptions, logFormats, logLevels } from './logger.js'
import { type OvsdbTlsFlags, ovsdbTls } from './ovsdb-tls.js'
import { dialAddress, listenAddress } from './switch-address.js'

const defaultHttp = '127.0.0.1:6680'

interface RunOptions
  extends SocketOption,
    Omit<HttpFlags, 'http'>,
    OvsdbTlsFlags,
    Omit<ControllerOptions, 'log' | 'policies' | 'ovsdbTls'> {
  readonly policies?: readonly string[]
  readonly http?: string
  readonly logLevel: LoggerOptions['level']
  readonly logFormat?: LoggerOptions['format']
}

/** `sluice run` */
export function runCommand(context: Context, startController: StartController): Command {
  const command = new Command('run')
    .description('run the controller, in the foreground; SIGTERM ends it and leaves every flow in place')
    .option(
      '--policies <dir>',
      `directory of policy files, may be repeated (default: ${defaultPolicies})`,
      append,
    )
    .option('--state <dir>', 'directory for what must survive a restart', '/var/lib/sluice')
    .option('--openflow <address>', 'where switches connect', listenAddress, 'tcp:[::]:6653')
    .option(
      '--advertise <address>',
      'address that switches are told to dial (default: the one that their host sees)',
      dialAddress,
    )
    .option('--ovsdb-ca <file>', 'authority that signed the certificates of ssl: hosts, PEM')
    .option('--ovsdb-cert <file>', "the controller's certificate for ssl: hosts, PEM")
    .option('--ovsdb-key <file>', 'its key, PEM')
    .option('--http <address>', `where HTTP is served, or none (default: ${defaultHttp}, where it is free)`)
    .option('--tls-cert <file>', 'certificate of the HTTP server, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--token-file <file>', 'file with the token that HTTP clients must show')
    .addOption(
      new Option('--log-level <level>', 'least level that is logged').choices(logLevels).default('info'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'form of the log (default: pretty on a terminal, else json)',
      ).choices(logFormats),
    )
    .option('--record <file>', 'write down every OpenFlow message: one line of hexadecimal digits each')
    .option('--allow-empty', 'take an empty directory at its word, even where hosts carry flows', false)
    .action((options: RunOptions) => run(context, startController, options))
  return withExample(
    withSocket(command),
    'sluice run --policies /etc/sluice/policies',
    'sluice run --http 0.0.0.0:6680 --tls-cert cert.pem --tls-key key.pem --token-file token',
  )
}

function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function run(context: Context, startController: StartController, options: RunOptions): Promise<void> {
  const http = httpOf(options)
  const socket = socketPath(context, options)
  const log = loggerOf(context.io, options)
  const signals = hearSignals(context.io, log)
  try {
    await checkSocketFree(socket)
    const controller = await startController(controllerOptions(options, log))
    signals.onHangup(() => controller.api.reread())
    let isReady = false
    const serving = serveApi(controller.api, {
      socket,
      ...(http !== undefined && { http }),
      httpOptional: options.http === undefined,
      isReady: () => isReady,
      log,
    })
    const ready = Promise.all([controller.ready, serving]).then(() => {
      isReady = true
      return context.output.line('ready')
    })
    const failed = controller.failed.then((error) => Promise.reject(error))
    try {
      await Promise.race([signals.stop, failed, ready.then(() => signals.stop)])
    } finally {
      signals.release()
      const [served] = await Promise.allSettled([serving])
      if (served.status === 'fulfilled') await served.value.close()
      await controller.close()
    }
  } finally {
    signals.release()
  }
}

interface Signals {
  /** Resolves at SIGTERM or SIGINT. */
  readonly stop: Promise<void>
  onHangup(reread: () => Promise<void>): void
  /** Gives the signals their own meaning back: a second one then ends a process that takes long to end. */
  release(): void
}

function hearSignals({ signals }: Io, log: Logger): Signals {
  let reread = async () => {}
  const hangup = () => {
    log.info('rereading the directory')
    reread().catch((error: unknown) => log.error({ err: error }, 'the directory could not be reread'))
  }
  let end = (_signal: NodeJS.Signals) => {}
  const stop = new Promise<void>((resolve) => {
    end = (signal) => {
      log.info({ signal }, 'ending; every flow stays in place')
      resolve()
    }
  })
  signals.on('SIGHUP', hangup).on('SIGTERM', end).on('SIGINT', end)
  return {
    stop,
    onHangup: (action) => {
      reread = action
    },
    release: () => {
      signals.off('SIGHUP', hangup).off('SIGTERM', end).off('SIGINT', end)
    },
  }
}

function controllerOptions(options: RunOptions, log: Logger): ControllerOptions {
  const { policies = [defaultPolicies], state, openflow, advertise, record, allowEmpty } = options
  const tls = ovsdbTls(options)
  return {
    policies,
    state,
    openflow,
    allowEmpty,
    log,
    ...(advertise !== undefined && { advertise }),
    ...(record !== undefined && { record }),
    ...(tls && { ovsdbTls: tls }),
  }
}

function httpOf({ http = defaultHttp, tlsCert, tlsKey, tokenFile }: RunOptions): HttpOptions | undefined {
  if (http === 'none') return undefined
  try {
    return httpOptions({
      http,
      ...(tlsCert !== undefined && { tlsCert }),
      ...(tlsKey !== undefined && { tlsKey }),
      ...(tokenFile !== undefined && { tokenFile }),
    })
  } catch (error) {
    if (error instanceof HttpOptionsError) throw wrongUsage(error.message, { cause: error })
    throw error
  }
}

function loggerOf(io: Io, { logLevel, logFormat }: RunOptions): Logger {
  const terminal = io.stderr.isTTY === true
  const format = logFormat ?? (terminal ? 'pretty' : 'json')
  return createLogger({ level: logLevel, format }, io.stderr, terminal && !io.env.NO_COLOR)
}
