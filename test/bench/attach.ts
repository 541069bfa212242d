import { DhcpService } from '../../src/dhcp/service.js'
import { Model } from '../../src/model/model.js'
import { ip, onHost } from '../e2e/support/attaching.js'
import { TestCluster } from '../e2e/support/test-cluster.js'
import { clientFrame, type } from '../support/dhcp-client.js'
import { network, put, tenant, workload } from '../support/rows.js'
import { ending } from './support/ending.js'
import { figure, report } from './support/report.js'
import { median, quantile } from './support/statistics.js'

/** Plugging in: from the command to the first answer of a ping; and how fast leases are given. */
const rounds = 20
const exchangeSeconds = 5
const exchangesInMemory = 50_000
const server = [10, 0, 1, 254]

/** A client that begins anew as soon as it has its lease: prints the milliseconds of each exchange (packet(7)). */
const client = `
  use Time::HiRes 'time';
  my ($seconds, $discover, $request) = @ARGV;
  open(my $file, '<', '/sys/class/net/eth0/ifindex') or die $!;
  my $index = <$file>;
  socket(my $socket, 17, 3, 0x0008) or die $!;
  my $address = pack('S S l S C C a8', 17, 0x0008, $index, 0, 0, 6, '');
  bind($socket, $address) or die $!;
  setsockopt($socket, 1, 20, pack('q q', 0, 500_000)) or die $!;
  my $answered = sub {
    my ($frame, $type) = @_;
    send($socket, pack('H*', $frame), 0, $address);
    for (;;) {
      defined recv($socket, my $heard, 2000, 0) or return 0;
      return 1 if unpack('H*', $heard) =~ /^.{72}0044.*6382536335010$type/;
    }
  };
  my $end = time + $seconds;
  while (time < $end) {
    my $start = time;
    $answered->($discover, 2) && $answered->($request, 5) or next;
    printf "%.3f\\n", 1000 * (time - $start);
  }
`

const framesOf = (mac: string, address: readonly number[]) => ({
  discover: clientFrame({ type: type.discover, mac }),
  request: clientFrame({
    type: type.request,
    mac,
    options: [
      [50, address],
      [54, server],
    ],
  }),
})

/** Exchanges of four messages in a second by the server alone. */
function inMemory(): number {
  const model = new Model()
  const dhcp = { dns: ['10.0.1.53'], domain: 'inner.example.org', lease: 3600 }
  const row = workload('t/web', 't/lan', 2, { addresses: ['10.0.1.100'] })
  model.commit([
    put('tenant', tenant('t', 1)),
    put('network', network('t/lan', 1, { subnet: '10.0.1.0/24', gateway: '10.0.1.254', dhcp })),
    put('workload', row),
  ])
  let answers = 0
  const service = new DhcpService({
    model,
    mac: '02:73:6c:00:00:01',
    send: () => answers++,
    note: () => undefined,
  })
  const { discover, request } = framesOf(row.mac, [10, 0, 1, 100])
  const start = performance.now()
  for (let i = 0; i < exchangesInMemory; i++)
    for (const frame of [discover, request]) service.asked('h1', { frame, port: 1, source: 2 })
  const seconds = (performance.now() - start) / 1000
  if (answers !== 2 * exchangesInMemory) throw new Error(`${answers} answers`)
  return exchangesInMemory / seconds
}

const cluster = await TestCluster.start({
  scenario: 'bridges',
  edit: (files) =>
    files.write('more.yaml', 'kind: Workload\ntenant: usr1\nname: plugged\nnetwork: inner\nip: 10.0.1.60\n'),
})
await ending(
  () => cluster.stop(),
  async () => {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) times.push(await plug(round))
    report('attach', `sluice attach until a ping of another host is answered, ${rounds} times`, {
      median: figure(median(times), 'ms', '< 1,000 ms'),
      most: figure(Math.max(...times), 'ms'),
    })
    const leases = await exchanges()
    report('dhcp', 'leases from discover to acknowledgement', {
      'server alone': figure(inMemory(), 'exchanges/s'),
      'one client': figure(leases.length / exchangeSeconds, 'exchanges/s'),
      median: figure(median(leases), 'ms'),
      p99: figure(quantile(leases, 0.99), 'ms'),
    })
  },
)

/** Milliseconds from the command's start to the first answer. */
async function plug(round: number): Promise<number> {
  const name = `${cluster.name}.b${round}`
  await ip('netns', 'add', name)
  try {
    const start = performance.now()
    const { status, stderr } = await onHost(cluster, 'vm2', ['attach', 'usr1/plugged', '--netns', name])
    if (status !== 0) throw new Error(stderr)
    await ip('netns', 'exec', name, 'ping', '-n', '-q', '-c', '1', '-i', '0.01', '-w', '5', '10.0.1.50')
    return performance.now() - start
  } finally {
    await onHost(cluster, 'vm2', ['detach', 'usr1/plugged'])
    await ip('netns', 'del', name)
  }
}

/** Milliseconds of each exchange of a client, one after the other. */
async function exchanges(): Promise<readonly number[]> {
  for await (const { mac } of cluster.client.get('workload', 'usr1-1')) {
    const { discover, request } = framesOf(String(mac), [10, 0, 1, 100])
    const argv = [
      'perl',
      '-e',
      client,
      String(exchangeSeconds),
      discover.toString('hex'),
      request.toString('hex'),
    ]
    const { status, stdout, stderr } = await cluster.lab.exec('usr1-1', argv)
    if (status !== 0) throw new Error(stderr)
    return stdout.trim().split('\n').map(Number)
  }
  throw new Error('usr1-1 does not exist')
}
