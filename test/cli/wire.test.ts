import test from 'ava'
import type { Wire } from '../../src/cli/wire.js'
import { flowToHex, hexToText, versionNumbers } from '../../src/openflow/index.js'
import { runCli } from '../support/run-cli.js'

const wire: Wire = {
  decode: hexToText,
  encode: (flow, version) => flowToHex(flow, versionNumbers[version]),
}
const barrier = '0614000800000001'
const barrierText = 'OFPT_BARRIER_REQUEST (OF1.5) (xid=0x1):\n'

test('decode prints one block per message', async (t) => {
  const twice = await runCli(['wire', 'decode', barrier, '06 15 00 08 00 00 00 02'], { wire })
  t.deepEqual(twice, {
    status: 0,
    stdout: `${barrierText}OFPT_BARRIER_REPLY (OF1.5) (xid=0x2):\n`,
    stderr: '',
  })
})

test('encode and decode undo each other, over standard input', async (t) => {
  const flows =
    '# a comment\n\ntable=1,ip,nw_dst=10.0.0.0/8,actions=resubmit(,2)\r\nimportance=3 actions=drop\n'
  const encoded = await runCli(['wire', 'encode'], { wire, stdin: flows })
  t.is(encoded.status, 0)
  t.regex(encoded.stdout, /^([0-9a-f]+\n){2}$/)
  t.deepEqual(await runCli(['wire', 'decode'], { wire, stdin: encoded.stdout }), {
    status: 0,
    stdout:
      'OFPT_FLOW_MOD (OF1.5) (xid=0x0): ADD table:1 ip,nw_dst=10.0.0.0/8 actions=resubmit(,2)\n' +
      'OFPT_FLOW_MOD (OF1.5) (xid=0x0): ADD importance:3 actions=drop\n',
    stderr: '',
  })
})

test('encode takes what is to be done in front of a flow', async (t) => {
  const stdin = 'delete table=3,cookie=5/-1\nmodify_strict priority=7,ip,actions=output:2\nadd actions=drop\n'
  const encoded = await runCli(['wire', 'encode'], { wire, stdin })
  t.like(await runCli(['wire', 'decode'], { wire, stdin: encoded.stdout }), {
    status: 0,
    stdout:
      'OFPT_FLOW_MOD (OF1.5) (xid=0x0): DEL table:3 cookie:0x5/0xffffffffffffffff actions=drop\n' +
      'OFPT_FLOW_MOD (OF1.5) (xid=0x0): MOD_STRICT priority=7,ip actions=output:2\n' +
      'OFPT_FLOW_MOD (OF1.5) (xid=0x0): ADD actions=drop\n',
  })
})

test('encode speaks the version that is asked for', async (t) => {
  for (const [version, byte] of Object.entries(versionNumbers)) {
    const { stdout } = await runCli(['wire', 'encode', '--version', version, 'actions=drop'], { wire })
    t.is(stdout.slice(0, 4), `0${byte}0e`)
  }
})

test('a wrong line is marked, the rest is done, and the status says no', async (t) => {
  t.deepEqual(await runCli(['wire', 'decode'], { wire, stdin: `${barrier}\n0x1\n0614\n${barrier}` }), {
    status: 1,
    stdout: `${barrierText}error: "x" is no hexadecimal digit at character 1\nerror: 2 bytes expected, 0 left at byte 2\n${barrierText}`,
    stderr:
      'error: line 2: "x" is no hexadecimal digit at character 1\nerror: line 3: 2 bytes expected, 0 left at byte 2\n',
  })
})

test('on a terminal a mark is seen once', async (t) => {
  const { stdout, stderr } = await runCli(['wire', 'decode', ''], { wire, terminal: true })
  t.is(stdout, 'error: a byte lacks its second digit at character 0\n')
  t.is(stderr, '')
})

test('--json is one value per line', async (t) => {
  const decoded = await runCli(['wire', 'decode', '--json', barrier, '0114000800000001'], { wire })
  t.is(decoded.status, 1)
  t.is(decoded.stderr, '')
  t.deepEqual(
    decoded.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { text: barrierText },
      { error: { code: 'decode-error', message: 'message of version 1 at byte 0', offset: 0 } },
    ],
  )
  const flows = [
    'actions=drop',
    'ip,nw_dst=1.2.3 actions=drop',
    'actions=resubmit(99999999,1)',
    'in_port=1',
    'actions=dec_ttl,clone(multipath(eth_src,50,modulo_n,1,0,NXOXM_NSH_SPI[]))',
  ]
  const encoded = await runCli(['wire', 'encode', '--json', ...flows], { wire })
  const [good, ...bad] = encoded.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.deepEqual(Object.keys(good), ['hex'])
  t.deepEqual(
    bad.map(({ error }) => [error.code, error.offset]),
    [
      ['bad-value', 10],
      ['unknown-port', 17],
      ['missing', 0],
      ['encode-error', 22],
    ],
  )
})

test('whatever is wrong with a line is said with its place, also as JSON, and the others are done', async (t) => {
  const lines = [
    [barrier, undefined],
    ['zz', 0],
    [barrier.slice(0, -1), 15],
    [`${barrier}0614000800000002`, 8],
    [`${barrier}00`, 8],
    ['0614000c00000001', 8],
    ['0614', 2],
    ['0714000800000001', 0],
    [barrier, undefined],
  ] as const
  const stdin = lines.map(([line]) => line).join('\n')
  const { status, stdout } = await runCli(['wire', 'decode', '--json'], { wire, stdin })
  t.is(status, 1)
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.deepEqual(
    answers.map(({ error }) => error?.offset),
    lines.map(([, offset]) => offset),
  )
  const plain = await runCli(['wire', 'decode'], { wire, stdin })
  t.is(plain.status, 1)
  t.deepEqual(
    plain.stdout.match(/^error: .*/gm),
    answers.flatMap(({ error }) => (error ? [`error: ${error.message}`] : [])),
  )
})
