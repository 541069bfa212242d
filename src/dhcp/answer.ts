import { addressBytes } from '../frames/addresses.js'
import type { Lease } from './lease.js'
import { type DhcpReply, type DhcpRequest, writeReply } from './message.js'
import { addresses, mask, number, option, routes } from './options.js'

/** What a server says, and to whom. */
export interface Answer {
  readonly type: 'offer' | 'ack' | 'nak'
  readonly message: Buffer
  /** The address that it goes to; the broadcast address where the client has none that it would hear. */
  readonly destination: string
}

/** Why a request is not answered. */
export type Silence =
  /** Another server is meant. */
  | 'other-server'
  /** It came by a relay: between a workload and its network there is none. */
  | 'relayed'
  /** It asks for no address. */
  | 'no-address'
  /** It tells, and wants no answer: the address is given back. */
  | 'released'
  /** It tells that somebody else has the address. */
  | 'declined'
  /** Only servers send such a message. */
  | 'not-a-request'

const broadcast = '255.255.255.255'

/** What the server says to a request of a workload (RFC 2131 §4.3), whose lease stands before it asks. */
export function answer(request: DhcpRequest, lease: Lease): Answer | Silence {
  if (request.relay !== undefined) return 'relayed'
  switch (request.type) {
    case 'discover':
      return request.options.has(option.rapidCommit)
        ? granted('ack', request, lease, [[option.rapidCommit, Buffer.alloc(0)]])
        : granted('offer', request, lease)
    case 'request':
      return requested(request, lease)
    case 'inform':
      return informed(request, lease)
    case 'release':
      return 'released'
    case 'decline':
      return 'declined'
    default:
      return 'not-a-request'
  }
}

/** After an offer, at a restart of the client, or to renew (RFC 2131 §4.3.2): the address is the right one, or not. */
function requested(request: DhcpRequest, lease: Lease): Answer | Silence {
  if (request.server !== undefined && request.server !== lease.server) return 'other-server'
  const wanted = request.requestedAddress ?? request.clientAddress
  if (wanted === undefined) return 'no-address'
  return wanted === lease.address ? granted('ack', request, lease) : refused(request, lease)
}

function granted(
  type: 'offer' | 'ack',
  request: DhcpRequest,
  lease: Lease,
  more: DhcpReply['options'] = [],
): Answer {
  const { address: yourAddress, seconds } = lease
  const times: DhcpReply['options'] = [
    [option.leaseTime, number(seconds, 4)],
    [option.renewalTime, number(Math.floor(seconds / 2), 4)],
    [option.rebindingTime, number(Math.floor((seconds * 7) / 8), 4)],
  ]
  const options = [...identity(request, lease), ...more, ...times, ...settings(lease)]
  const destination = request.clientAddress ?? (request.wantsBroadcast ? broadcast : yourAddress)
  return { type, message: writeReply(request, { type, yourAddress, options }, lease.mtu), destination }
}

/** A client that has its address by itself learns the rest (RFC 2131 §4.3.5). */
function informed(request: DhcpRequest, lease: Lease): Answer | Silence {
  if (request.clientAddress === undefined) return 'no-address'
  const options = [...identity(request, lease), ...settings(lease)]
  const message = writeReply(request, { type: 'ack', options }, lease.mtu)
  return { type: 'ack', message, destination: request.clientAddress }
}

/** A client with a wrong address cannot be reached by it (RFC 2131 §4.1). */
function refused(request: DhcpRequest, lease: Lease): Answer {
  const options: DhcpReply['options'] = [
    ...identity(request, lease),
    [option.message, Buffer.from(`the address of this station is ${lease.address}`)],
  ]
  return {
    type: 'nak',
    message: writeReply(request, { type: 'nak', options }, lease.mtu),
    destination: broadcast,
  }
}

/** Who answers, and what the client has said of itself (RFC 6842). */
function* identity({ options }: DhcpRequest, { server }: Lease): Generator<readonly [number, Buffer]> {
  yield [option.server, addressBytes(server)]
  for (const code of [option.client, option.relayAgent]) {
    const value = options.get(code)
    if (value) yield [code, value]
  }
}

/** What a station needs besides its address. */
function* settings(lease: Lease): Generator<readonly [number, Buffer]> {
  const { address, prefixLength, router, nameServers, domain, hostName, mtu } = lease
  yield [option.subnetMask, mask(prefixLength)]
  if (router !== undefined) yield [option.router, addressBytes(router)]
  yield [option.mtu, number(mtu, 2)]
  if (nameServers.length > 0) yield [option.nameServer, addresses(nameServers)]
  yield [option.domainName, Buffer.from(domain)]
  yield [option.hostName, Buffer.from(hostName)]
  if (prefixLength < 31) yield [option.broadcastAddress, broadcastOf(address, prefixLength)]
  if (lease.routes.length > 0) yield [option.classlessRoutes, routes(lease.routes)]
}

function broadcastOf(address: string, prefixLength: number): Buffer {
  const [own, net] = [addressBytes(address), mask(prefixLength)]
  return Buffer.from(own.map((byte, index) => byte | (~(net[index] ?? 0) & 0xff)))
}
