import { PassThrough } from 'node:stream'
import test from 'ava'
import { createLogger, type LoggerOptions } from '../../src/cli/logger.js'

function logged(options: LoggerOptions): string {
  const destination = new PassThrough()
  const log = createLogger(options, destination)
  log.debug('small')
  log.info({ host: 'vm1' }, 'connected')
  return String(destination.read() ?? '')
}

test('a line of JSON for each message of the level', (t) => {
  const lines = logged({ level: 'info', format: 'json' }).trim().split('\n')
  t.is(lines.length, 1)
  const { time, ...rest } = JSON.parse(String(lines[0]))
  t.deepEqual(rest, { level: 30, host: 'vm1', msg: 'connected' })
  t.is(new Date(time).toISOString(), time)
})

test('a line of text for people, without colour unless it is asked for', (t) => {
  t.regex(
    logged({ level: 'debug', format: 'pretty' }),
    /^\[[\d:.]+\] DEBUG: small\n\[[\d:.]+\] INFO: connected\n/,
  )
})
