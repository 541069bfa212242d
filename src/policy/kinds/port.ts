import type { PortRange } from '../../model/rows.js'
import { didYouMean } from '../text/nearest.js'
import { reading, Unreadable } from '../text/reading.js'

type Protocol = PortRange['protocol']

/** The largest number that may stand behind the slash. */
const largest: Readonly<Record<Protocol, number>> = {
  tcp: 65_535,
  udp: 65_535,
  sctp: 65_535,
  icmp: 255,
  icmp6: 255,
}

const protocols = Object.keys(largest)
const pattern = /^(tcp|udp|sctp)(\/\d{1,5}(-\d{1,5})?)?$|^icmp6?(\/\d{1,3})?$/

/** `tcp`, `tcp/80`, `tcp/8000-8100`, likewise udp and sctp; `icmp`, `icmp/8` (its type), likewise icmp6. */
export const port = reading({ type: 'string', pattern: pattern.source }, readPort)

function readPort(value: unknown): PortRange | Unreadable {
  if (typeof value !== 'string') return wrong('needs its protocol: expected PROTOCOL/PORT such as tcp/80')
  const [name = '', numbers, ...more] = value.split('/')
  if (!isProtocol(name)) {
    const expected = `expected ${protocols.join(', ')}`
    return wrong(`has no protocol that is known: ${expected}${didYouMean(name, protocols)}`)
  }
  if (numbers === undefined) return { protocol: name }
  const what = name.startsWith('icmp') ? 'type' : 'port'
  const parts = /^(0|[1-9]\d*)(?:-(0|[1-9]\d*))?$/.exec(numbers)
  if (parts === null || more.length > 0 || (what === 'type' && parts[2] !== undefined)) {
    const form = what === 'type' ? `${name}/TYPE` : `${name}/PORT or ${name}/FIRST-LAST`
    return wrong(`is not of the form ${name}, ${form}`)
  }
  const first = Number(parts[1])
  const last = Number(parts[2] ?? parts[1])
  const most = largest[name]
  if (first > most || last > most) return wrong(`has a ${what} above ${most}`)
  if (first > last) return wrong(`ends below its first port ${first}`)
  return { protocol: name, range: [first, last] }
}

function isProtocol(name: string): name is Protocol {
  return Object.hasOwn(largest, name)
}

function wrong(message: string): Unreadable {
  return new Unreadable('bad-port', message)
}
