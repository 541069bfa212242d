/** Nicira's older messages, which a real switch takes in every version. */
import test from 'ava'
import { dialOpenFlow, formatMessage } from '../../src/openflow/index.js'
import { type DummySwitch, startDummySwitch } from '../support/dummy-switch.js'
import { versions } from '../support/sample-messages.js'

let ovs: DummySwitch
test.before(async () => {
  ovs = await startDummySwitch()
})
test.after.always(() => ovs?.stop())

for (const version of versions)
  test.serial(`version ${version}: a switch takes Nicira's older messages`, async (t) => {
    const ofctl = (...args: string[]) =>
      ovs.tool('ovs-ofctl', '--no-names', '-O', `OpenFlow1${version - 1}`, ...args)
    const dump = async () =>
      (await ofctl('--no-stats', 'dump-flows', ovs.bridge)).split('\n').filter((line) => /actions/.test(line))
    const connection = await dialOpenFlow(ovs.bridge, { versions: [version] })
    t.teardown(() => connection.close())

    const anywhere = { bufferId: 0xffffffff, outPort: 0xffffffff }
    const fixed = { ...anywhere, type: 'nxFlowMod', table: 3, hardTimeout: 0, priority: 9, flags: 0 } as const
    const match = { ethType: 0x800, ipProto: 6, tcpDst: 80 }
    await connection.apply([
      {
        ...fixed,
        command: 'add',
        idleTimeout: 60,
        cookie: 0x1234n,
        match,
        actions: [{ type: 'output', port: 2 }],
      },
    ])
    t.deepEqual(await dump(), [
      ' cookie=0x1234, table=3, idle_timeout=60, priority=9,tcp,tp_dst=80 actions=output:2',
    ])
    const masked = { oldCookie: 0x30n, oldCookieMask: 0xf0n, match: {} }
    const modify = { ...fixed, ...masked, command: 'modify', idleTimeout: 0 } as const
    await connection.apply([
      { ...modify, cookie: 0xffffffffffffffffn, actions: [{ type: 'output', port: 3 }] },
    ])
    t.deepEqual(await dump(), [
      ' cookie=0x1234, table=3, idle_timeout=60, priority=9,tcp,tp_dst=80 actions=output:3',
    ])
    await connection.apply([{ ...modify, command: 'delete', oldCookie: 0x40n, cookie: 0n, actions: [] }])
    t.is((await dump()).length, 1)
    await connection.apply([{ ...modify, command: 'delete', cookie: 0n, actions: [] }])
    t.deepEqual(await dump(), [])

    t.is((await connection.request({ type: 'nxRoleRequest', role: 'primary' })).role, 'primary')
    const { role } = await connection.request({ type: 'roleRequest', role: 'nochange', generationId: 0n })
    t.is(role, 'primary')
    t.is((await connection.request({ type: 'nxRoleRequest', role: 'equal' })).role, 'equal')
    const masks = { packetIn: 5, packetInSecondary: 1, portStatus: 7, portStatusSecondary: 2 }
    await connection.apply([
      { type: 'setAsyncConfig', ...masks, flowRemoved: 3, flowRemovedSecondary: 0 },
      { type: 'flowModTableId', mode: 'enable' },
      { type: 'flowAge' },
    ])
    t.like(await connection.request({ type: 'getAsyncRequest' }), { portStatusSecondary: 2, flowRemoved: 3 })

    for (const type of ['ipfixBridgeRequest', 'ipfixFlowRequest'] as const) {
      const error = await t.throwsAsync(connection.multipart({ type }))
      // No collector is configured: the switch knows the request and says so.
      t.is(error instanceof Error && 'codeName' in error && error.codeName, 'NXST_NOT_CONFIGURED')
    }
  })

for (const version of versions)
  test.serial(`version ${version}: what was exported with IPFIX is read as the tool reads it`, async (t) => {
    const vsctl = (...args: string[]) =>
      ovs.tool('ovs-vsctl', `--db=${ovs.database}`, '--timeout=20', ...args)
    const ipfix = ['--', '--id=@i', 'create', 'IPFIX', 'targets="127.0.0.1:4739"']
    await vsctl(
      ...['set', 'bridge', 'br0', 'ipfix=@i', ...ipfix],
      ...['--', '--id=@b', 'get', 'bridge', 'br0'],
      ...['--', 'create', 'Flow_Sample_Collector_Set', 'id=7', 'bridge=@b', 'ipfix=@f'],
      ...['--', '--id=@f', 'create', 'IPFIX', 'targets="127.0.0.1:4740"'],
    )
    t.teardown(() =>
      vsctl('clear', 'bridge', 'br0', 'ipfix', '--', '--all', 'destroy', 'Flow_Sample_Collector_Set'),
    )
    const connection = await dialOpenFlow(ovs.bridge, { versions: [version] })
    t.teardown(() => connection.close())
    for (const kind of ['Bridge', 'Flow'] as const) {
      const [reply] = await connection.multipart({ type: `ipfix${kind}Request` })
      const shown = await ovs.tool(
        'ovs-ofctl',
        ...['-O', `OpenFlow1${version - 1}`, `dump-ipfix-${kind.toLowerCase()}`, ovs.bridge],
      )
      const plain = (text: string) => text.replace(/xid=0x[0-9a-f]+/, '')
      t.is(plain(reply === undefined ? '' : formatMessage({ ...reply, xid: 0 }, version)), plain(shown))
      t.regex(shown, kind === 'Flow' ? /id {3}7: flows=0/ : /bridge ipfix: flows=0/)
    }
  })
