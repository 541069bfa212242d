import type { Lab } from '../../../src/lab/index.js'

let lastPort = 5300

/** What arrives of a sender who sends as much as he can. */
export const Goodput = {
  /** Megabits of payload per second over one TCP connection, as the receiver counted them; `-R`: it sends, `from` gets. */
  async tcp(
    lab: Lab,
    from: string,
    to: string,
    address: string,
    seconds: number,
    more: readonly string[] = [],
  ): Promise<number> {
    // Cubic takes what a meter lets through. BBR makes out a policer, and two of it now and then agree on too little.
    return measure(lab, from, to, ['-c', address, '-t', String(seconds), '-C', 'cubic', ...more])
  },

  /** Megabits of payload per second of UDP that arrive of `sentMbps`. */
  async udp(
    lab: Lab,
    from: string,
    to: string,
    address: string,
    { seconds, sentMbps }: { readonly seconds: number; readonly sentMbps: number },
  ): Promise<number> {
    return measure(lab, from, to, ['-c', address, '-u', '-b', `${sentMbps}M`, '-t', String(seconds)])
  },
}

async function measure(lab: Lab, from: string, to: string, args: readonly string[]): Promise<number> {
  const port = String(++lastPort)
  const server = lab.spawn(to, ['iperf3', '-s', '-1', '-p', port, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let report = ''
  server.stdout?.setEncoding('utf8').on('data', (text: string) => {
    report += text
  })
  const closed = new Promise((resolve) => server.once('close', resolve))
  try {
    await lab.exec(to, ['sh', '-c', `until ss -ltn | grep -q :${port}; do sleep 0.05; done`])
    const { status, stdout } = await lab.exec(from, ['iperf3', ...args, '-p', port, '--json'])
    if (status !== 0) throw new Error(`iperf3 fails: ${stdout.slice(-500)}`)
    await closed
    const { end } = JSON.parse(args.includes('-R') ? stdout : report)
    const sum = end.sum_received ?? end.sum
    if (!sum) throw new Error(`no figures: ${stdout.slice(0, 500)}`)
    return sum.bits_per_second / 1e6
  } finally {
    server.kill('SIGKILL')
  }
}
