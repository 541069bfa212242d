import type { Lab } from '../../../src/lab/index.js'
import { Program } from './program.js'

export interface CaptureOptions {
  /** Default `eth0`. */
  readonly device?: string
  /** Default `in`: what others send to this device. */
  readonly direction?: 'in' | 'out' | 'inout'
  /** Whether what the IP header says comes before each packet, in a line of its own. */
  readonly verbose?: boolean
  /** Whether each line begins with the time, in seconds since 1970. */
  readonly timed?: boolean
}

/** Starts tcpdump on a device of a namespace: one line for each frame that the filter (pcap-filter(7)) lets through. */
export function capture(
  lab: Lab,
  namespace: string,
  filter = '',
  options: CaptureOptions = {},
): Promise<Program> {
  const { device = 'eth0', direction = 'in' } = options
  const flags = [
    '-i',
    device,
    '-Q',
    direction,
    '-e',
    '-n',
    options.timed ? '-tt' : '-t',
    '-l',
    '--immediate-mode',
    ...(options.verbose ? ['-v'] : []),
  ]
  return Program.start(lab, namespace, ['tcpdump', ...flags, filter], /listening on/)
}
