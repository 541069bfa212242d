import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { makeRoomForNeighbours } from '../../src/lab/neighbours.js'

/** A directory like /proc/sys/net with these limits. */
function settings(t: ExecutionContext, limits: Readonly<Record<string, number>>) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const pathOf = (version: string) => join(directory, version, 'neigh/default/gc_thresh3')
  for (const [version, limit] of Object.entries(limits)) {
    mkdirSync(dirname(pathOf(version)), { recursive: true })
    writeFileSync(pathOf(version), `${limit}\n`)
  }
  const said: string[] = []
  return {
    said,
    pathOf,
    limit: (version: string) => Number(readFileSync(pathOf(version), 'latin1')),
    make: (hosts: number) => makeRoomForNeighbours(hosts, (line) => said.push(line), directory),
  }
}

test('few hosts leave the limits of the machine alone', (t) => {
  const { make, limit, said } = settings(t, { ipv4: 1024, ipv6: 1024 })
  make(20)
  t.deepEqual([limit('ipv4'), limit('ipv6'), said], [1024, 1024, []])
})

test('many raise what is too low, once, and never lower anything', (t) => {
  const { make, limit, said } = settings(t, { ipv4: 1024, ipv6: 100_000 })
  make(50)
  t.deepEqual([limit('ipv4'), limit('ipv6')], [4096, 100_000])
  t.deepEqual(said, [
    'net.ipv4.neigh.default.gc_thresh3 is raised from 1024 to 4096: 50 hosts know each other',
  ])
  make(50)
  t.is(said.length, 1)
})

test('a version of IP that the kernel does not have needs nothing', (t) => {
  const { make, limit } = settings(t, { ipv4: 1024 })
  make(50)
  t.is(limit('ipv4'), 4096)
})

test('a limit that cannot be raised is told of, and the lab goes on', (t) => {
  const { make, said, limit, pathOf } = settings(t, { ipv4: 0 })
  rmSync(pathOf('ipv4'))
  // Nobody can write this one, and it is 65536.
  symlinkSync('/proc/sys/kernel/ngroups_max', pathOf('ipv4'))
  make(300)
  t.is(limit('ipv4'), 65_536)
  t.regex(said.join(), /^net\.ipv4\S+gc_thresh3 is 65536, too few for 300 hosts: .* 131072 will do$/)
})
