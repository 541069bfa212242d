import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { PinoPretty } from 'pino-pretty'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export const logFormats = ['pretty', 'json'] as const

export interface LoggerOptions {
  readonly level: (typeof logLevels)[number]
  readonly format: (typeof logFormats)[number]
}

/** A logger that writes to `destination`: a line of text for people, or a line of JSON, for each message. */
export function createLogger(
  { level, format }: LoggerOptions,
  destination: DestinationStream,
  colour = false,
): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime }
  if (format === 'json') return pino(options, destination)
  return pino(
    options,
    PinoPretty({ destination, colorize: colour, translateTime: 'SYS:HH:MM:ss.l', sync: true }),
  )
}
