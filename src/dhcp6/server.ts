import { addressBytes, macBytes } from '../frames/addresses.js'
import { domainNameBytes } from '../frames/domain-name.js'
import { Malformed } from '../frames/malformed.js'
import { contains, parseBlock } from '../model/block.js'
import {
  type Association,
  grantOption,
  readAssociations,
  refusalOption,
  type Status,
  statusOption,
} from './associations.js'
import { type Message, messageType, type Option, optionCode } from './message.js'

/** What the server knows of the one client that can be at a port. */
export interface Client {
  /** The addresses that it has, IPv6 only. */
  readonly addresses: readonly string[]
  /** The block that its network's addresses are of. */
  readonly subnet6: string
  readonly dnsServers: readonly string[]
  readonly domains: readonly string[]
  /** For how many seconds it may use addresses. */
  readonly leaseSeconds: number
}

/** Which identifiers a message has (RFC 8415 §16): a server's must be there and ours, must not, or may be there. */
const rules: Readonly<
  Record<number, { readonly server: 'ours' | 'none' | 'any'; readonly client: boolean }>
> = {
  [messageType.solicit]: { server: 'none', client: true },
  [messageType.request]: { server: 'ours', client: true },
  [messageType.confirm]: { server: 'none', client: true },
  [messageType.renew]: { server: 'ours', client: true },
  [messageType.rebind]: { server: 'none', client: true },
  [messageType.release]: { server: 'ours', client: true },
  [messageType.decline]: { server: 'ours', client: true },
  [messageType.informationRequest]: { server: 'any', client: false },
}

/** The highest preference: a client need not wait for other servers (RFC 8415 §18.2.1). */
const onlyServer = 255
/** The least time after which stateless clients may be told to ask again (RFC 8415 §7.6, IRT_MINIMUM). */
const leastRefreshSeconds = 600

/** What one answer has room for in the smallest packet of IPv6, and how long an identifier may be (RFC 8415 §11.1). */
const most = { associations: 8, addresses: 16, identifierBytes: 130 } as const

/** The identifier of a server that has this MAC, DUID-LL (RFC 8415 §11.4). */
export function serverId(mac: string): Buffer {
  return Buffer.concat([Buffer.from([0, 3, 0, 1]), macBytes(mac)])
}

/** Answers a client (RFC 8415 §18.3), if the message is for this server. It has one set of addresses, which the first association that asks for addresses gets. */
export function answer(
  message: Message,
  client: Client,
  identifier: Buffer,
): Message | Malformed | undefined {
  const rule = rules[message.type]
  if (!rule) return undefined
  const [clientId, server] = [optionCode.clientId, optionCode.serverId].map((code) => optionOf(message, code))
  const associations = readAssociations(message.options)?.slice(0, most.associations)
  if (!associations) return new Malformed('an association is cut short')
  if (!isIdentifier(clientId, rule.client)) return new Malformed('no client identifier')
  if (server ? rule.server === 'none' || !server.equals(identifier) : rule.server === 'ours') return undefined
  const said = say(message, associations, client)
  if (!said) return undefined
  const options = [
    { code: optionCode.serverId, data: identifier },
    ...(clientId ? [{ code: optionCode.clientId, data: clientId }] : []),
    ...said.options,
  ]
  return { type: said.type, transaction: message.transaction, options }
}

type Said = Pick<Message, 'type' | 'options'>

function say(message: Message, associations: readonly Association[], client: Client): Said | undefined {
  const { reply, advertise } = messageType
  const main = client.addresses.length > 0 ? associations.find(isForAddresses) : undefined
  const settings = () => settingsFor(message, client)
  const offered = () => associations.map((each) => offer(each, each === main, client))
  switch (message.type) {
    case messageType.solicit:
      if (optionOf(message, optionCode.rapidCommit))
        return {
          type: reply,
          options: [{ code: optionCode.rapidCommit, data: Buffer.alloc(0) }, ...offered(), ...settings()],
        }
      return {
        type: advertise,
        options: [
          { code: optionCode.preference, data: Buffer.from([onlyServer]) },
          ...offered(),
          ...settings(),
        ],
      }
    case messageType.request:
      return {
        type: reply,
        options: [...associations.map((each) => grant(each, each === main, client)), ...settings()],
      }
    case messageType.renew:
    case messageType.rebind:
      return {
        type: reply,
        options: [...associations.map((each) => renew(each, each === main, client)), ...settings()],
      }
    case messageType.confirm:
      return confirm(associations, client)
    case messageType.informationRequest:
      return associations.length > 0 ? undefined : { type: reply, options: settings() }
    default:
      return { type: reply, options: giveBack(associations, main, client) }
  }
}

function offer(association: Association, isMain: boolean, client: Client): Option {
  return isMain ? grantOption(association, ours(client)) : refusalOption(association, refusalOf(association))
}

/** RFC 8415 §18.3.2. */
function grant(association: Association, isMain: boolean, client: Client): Option {
  const isHere = association.addresses.every((address) => isOnLink(address, client))
  return isHere ? offer(association, isMain, client) : refusalOption(association, 'notOnLink')
}

/** What the client has and should not have ends at once. */
function renew(association: Association, isMain: boolean, client: Client): Option {
  if (!isMain) return refusalOption(association, 'noBinding')
  const gone = association.addresses.filter((address) => !client.addresses.includes(address))
  const ended = gone.map((address) => ({ address, seconds: 0 }))
  return grantOption(association, [...ours(client), ...ended].slice(0, most.addresses))
}

/**
 * An address is right at this port only if it is the client's: it would not get through with another. Told so, the
 * client asks anew. Where it names none there is nothing to say (RFC 8415 §18.3.3).
 */
function confirm(associations: readonly Association[], client: Client): Said | undefined {
  const addresses = associations.flatMap((association) => association.addresses)
  if (addresses.length === 0) return undefined
  const isRight = addresses.every((address) => client.addresses.includes(address))
  return { type: messageType.reply, options: [statusOption(isRight ? 'success' : 'notOnLink')] }
}

/** Releasing or declining an address changes nothing here: it is the client's for as long as the files say so. */
function giveBack(
  associations: readonly Association[],
  main: Association | undefined,
  client: Client,
): readonly Option[] {
  const unknown = associations.filter(
    (association) =>
      association !== main || !association.addresses.every((address) => client.addresses.includes(address)),
  )
  return [statusOption('success'), ...unknown.map((association) => refusalOption(association, 'noBinding'))]
}

function ours({ addresses, leaseSeconds }: Client) {
  return addresses.slice(0, most.addresses).map((address) => ({ address, seconds: leaseSeconds }))
}

function isForAddresses({ code }: Association): boolean {
  return code === optionCode.addresses
}

function refusalOf({ code }: Association): Status {
  return code === optionCode.prefixes ? 'noPrefixes' : 'noAddresses'
}

function isOnLink(address: string, { subnet6 }: Client): boolean {
  return contains(parseBlock(subnet6), parseBlock(`${address}/128`))
}

/** What the client asks to be told; everything, where it does not say. */
function settingsFor(message: Message, { dnsServers, domains, leaseSeconds }: Client): readonly Option[] {
  const refresh = Buffer.alloc(4)
  refresh.writeUInt32BE(Math.max(leaseSeconds, leastRefreshSeconds))
  const settings: readonly Option[] = [
    { code: optionCode.dnsServers, data: Buffer.concat(dnsServers.map(addressBytes)) },
    { code: optionCode.domains, data: Buffer.concat(domains.map(domainNameBytes)) },
    ...(message.type === messageType.informationRequest
      ? [{ code: optionCode.refreshTime, data: refresh }]
      : []),
  ]
  const wanted = optionOf(message, optionCode.requested)
  return settings.filter(({ code, data }) => data.length > 0 && (!wanted || hasCode(wanted, code)))
}

function hasCode(list: Buffer, code: number): boolean {
  for (let at = 0; at + 2 <= list.length; at += 2) if (list.readUInt16BE(at) === code) return true
  return false
}

function isIdentifier(bytes: Buffer | undefined, isNeeded: boolean): boolean {
  return bytes ? bytes.length > 2 && bytes.length <= most.identifierBytes : !isNeeded
}

function optionOf({ options }: Message, wanted: number): Buffer | undefined {
  return options.find(({ code }) => code === wanted)?.data
}
