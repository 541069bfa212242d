import { isIPv4, isIPv6 } from 'node:net'
import { InvalidArgumentError } from 'commander'

const form = /^(?:tcp:)?(?:\[([^\]]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?$/

interface HostPort {
  /** With brackets around an IPv6 address. */
  readonly host: string
  readonly port: string | undefined
}

/** Where switches connect: `tcp:HOST:PORT`, also without `tcp:` or port; or `unix:PATH`. */
export function listenAddress(text: string): string {
  if (/^unix:./.test(text)) return text
  const { host, port } = read(text, 'expected tcp:IP:PORT or unix:PATH.')
  return ['tcp', host, ...(port === undefined ? [] : [port])].join(':')
}

/** What switches are told to dial: an address, with `tcp:` before it where it has a port. */
export function dialAddress(text: string): string {
  const { host, port } = read(text, 'expected IP, or tcp:IP:PORT.')
  return port === undefined ? host : `tcp:${host}:${port}`
}

function read(text: string, expected: string): HostPort {
  if (isIPv6(text)) return { host: `[${text}]`, port: undefined }
  const [whole, six, name = '', port] = form.exec(text) ?? []
  const isWrong = six === undefined ? /^[\d.]+$/.test(name) && !isIPv4(name) : !isIPv6(six)
  if (whole === undefined || isWrong || Number(port ?? 0) > 65_535) throw new InvalidArgumentError(expected)
  return { host: six === undefined ? name : `[${six}]`, port }
}
