import test from 'ava'
import { TunnelProbes, tickMs } from '../../src/links/tunnel-probes.js'

/** Hosts that all exchange packets, and a clock that a test moves. */
function setUp(...hosts: readonly string[]) {
  const members = new Set(hosts)
  const offline = new Set<string>()
  /** Hosts that nothing reaches. */
  const cut = new Set<string>()
  const sent: string[] = []
  const changes: string[] = []
  let now = 0
  let random = 0
  const probes = new TunnelProbes({
    othersOf: (host) => (members.has(host) ? members : []),
    send: (from, to) => {
      if (offline.has(from)) return false
      sent.push(`${from}>${to}`)
      if (!cut.has(from) && !cut.has(to)) coming.push([from, to])
      return true
    },
    random: () => (random = (random + 0.37) % 1),
    onChange: ({ hosts: [one, two], state }, before) =>
      changes.push(`${now} ${one}~${two} ${before} ${state}`),
  })
  const coming: [string, string][] = []
  const deliver = () => {
    for (const [from, to] of coming.splice(0)) probes.heard(from, to, now)
  }
  const pass = (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += tickMs
      probes.tick(now)
      deliver()
    }
  }
  for (const host of hosts) probes.changed(host)
  const states = () =>
    Object.fromEntries(Array.from(probes.tunnels(), ({ hosts, state }) => [hosts.join('~'), state]))
  return { probes, members, offline, cut, sent, changes, pass, states, now: () => now }
}

test('a tunnel is opened from both ends at once, and both ends ask in turn from then on', (t) => {
  const { pass, sent, states } = setUp('h1', 'h2')
  pass(tickMs)
  t.deepEqual([...sent].sort(), ['h1>h2', 'h2>h1'])
  t.deepEqual(states(), { 'h1~h2': 'up' })
  sent.splice(0)
  pass(1000)
  t.is(sent.length, 5)
  t.is(sent.filter((each) => each === 'h1>h2').length, sent[0] === 'h1>h2' ? 3 : 2)
})

test('a cut link is down within a second, and up again when it is mended', (t) => {
  for (let phase = 0; phase < 400; phase += tickMs) {
    const { pass, cut, changes, states, now } = setUp('h1', 'h2')
    pass(1000 + phase)
    changes.splice(0)
    const at = now()
    cut.add('h2')
    pass(2000)
    const [when] = changes[0]?.split(' ') ?? []
    t.true(Number(when) - at < 900, `${phase}: ${when}`)
    t.deepEqual(states(), { 'h1~h2': 'down' })
    t.is(changes.length, 1)
    cut.clear()
    pass(300)
    t.deepEqual(states(), { 'h1~h2': 'up' })
  }
})

test('a tunnel that is new is not called down before it has had its time', (t) => {
  const { pass, cut, changes } = setUp('h1', 'h2')
  cut.add('h2')
  pass(4900)
  t.deepEqual(changes, [])
  pass(1000)
  t.regex(changes.join(), /^\d+ h1~h2 unknown down$/)
})

test('a lost answer or two is no cut', (t) => {
  const { pass, cut, changes } = setUp('h1', 'h2')
  pass(1000)
  changes.splice(0)
  cut.add('h2')
  pass(300)
  cut.clear()
  pass(1000)
  t.deepEqual(changes, [])
})

test('one end that can be told to ask is enough; with none nobody knows', (t) => {
  const { pass, offline, sent, states } = setUp('h1', 'h2')
  offline.add('h1')
  pass(1000)
  t.deepEqual(states(), { 'h1~h2': 'up' })
  t.true(sent.every((each) => each === 'h2>h1'))
  offline.add('h2')
  pass(1000)
  t.deepEqual(states(), { 'h1~h2': 'unknown' })
})

test('tunnels come and go with what hosts exchange', (t) => {
  const { probes, pass, members, states, sent, now } = setUp('h1', 'h2')
  pass(100)
  members.add('h3')
  probes.changed('h3')
  pass(100)
  t.deepEqual(Object.keys(states()).sort(), ['h1~h2', 'h1~h3', 'h2~h3'])
  members.delete('h2')
  probes.changed('h2')
  pass(100)
  t.deepEqual(Object.keys(states()), ['h1~h3'])
  sent.splice(0)
  probes.ready('h3', now())
  t.deepEqual(sent, ['h3>h1'])
})

test('many tunnels share what may be sent, and those of a host that is cut are found soon', (t) => {
  const hosts = Array.from({ length: 40 }, (_, n) => `h${n}`)
  const { pass, cut, sent, states } = setUp(...hosts)
  pass(20_000)
  t.is(Object.keys(states()).length, 780)
  sent.splice(0)
  pass(10_000)
  t.true(sent.length <= 2000 && sent.length > 1900, `${sent.length} in ten seconds`)
  cut.add('h7')
  pass(5000)
  const down = Object.entries(states()).filter(([, state]) => state === 'down')
  t.is(down.length, 39)
  t.true(down.every(([name]) => name.split('~').includes('h7')))
  cut.clear()
  pass(5000)
  t.true(Object.values(states()).every((state) => state === 'up'))
})
