/** What the library does with each message, action and field, found out by doing it. */
import { isDeepStrictEqual } from 'node:util'
import { fromInteger } from '../../src/openflow/actions/bits.js'
import { listedTypes } from '../../src/openflow/actions.js'
import { fieldSpec } from '../../src/openflow/fields.js'
import {
  type Action,
  decodeInstructions,
  decodeMatch,
  decodeMessage,
  encodeInstructions,
  encodeMatch,
  encodeMessage,
  fieldNames,
  formatActions,
  formatMatch,
  formatMessage,
  type Match,
  parseFlow,
  parseGroup,
  parseMatch,
  parseMeter,
  Reader,
  type Version,
  Writer,
} from '../../src/openflow/index.js'
import { kinds } from '../../src/openflow/kinds.js'
import { absentMessages } from './absent-messages.js'
import { actionTexts, flowTexts } from './flow-texts.js'
import { groupTexts, meterTexts } from './group-texts.js'
import { sampleMessages, versions } from './sample-messages.js'

/** One row: the versions, or a word, for each of encode, decode, text and parse. */
export interface Coverage {
  readonly name: string
  readonly encode: string
  readonly decode: string
  readonly text: string
  readonly parse: string
}

const label = (list: readonly Version[]): string =>
  list.length === versions.length ? 'yes' : list.map((version) => `1.${version - 1}`).join(', ') || 'no'

/** The versions in which it works. */
function inVersions(works: (version: Version) => boolean): string {
  return label(versions.filter(works))
}

/** Messages that people write, and what shows that each is read. */
const parsers: Readonly<Record<string, () => boolean>> = {
  flowMod: () => flowTexts.every((text) => parseFlow(text).actions.length >= 0),
  groupMod: () => groupTexts.every((text) => parseGroup(`group_id=1,${text}`).group === 1),
  meterMod: () => meterTexts.every((text) => parseMeter(`meter=1 ${text}`).meter === 1),
}

export function messageCoverage(): Coverage[] {
  return kinds.map(({ name }) => {
    const of = (version: Version) => sampleMessages(version).filter(({ type }) => type === name)
    const every = (version: Version, holds: (message: ReturnType<typeof of>[number]) => boolean) =>
      of(version).length > 0 && of(version).every(holds)
    const encode = inVersions((version) =>
      every(version, (message) => encodeMessage(message, version)[0] === version),
    )
    const decode = inVersions((version) =>
      every(version, (message) =>
        isDeepStrictEqual(decodeMessage(encodeMessage(message, version), version), message),
      ),
    )
    const text = inVersions((version) =>
      every(version, (message) =>
        formatMessage(message, version).includes(`(xid=0x${message.xid.toString(16)})`),
      ),
    )
    const parser = parsers[name]
    return {
      name,
      encode,
      decode,
      text: text === 'no' ? 'as an error' : text,
      parse: parser === undefined ? '' : parser() ? 'yes' : 'no',
    }
  })
}

function reencoded(actions: readonly Action[], version: Version): { bytes: Buffer; back: Action[] } {
  const w = new Writer()
  encodeInstructions(w, actions, version)
  const bytes = w.finish()
  const back = decodeInstructions(new Reader(bytes), version)
  return { bytes, back }
}

/** The action, and those in it. */
function* typesOf(actions: readonly Action[]): Generator<Action['type']> {
  for (const action of actions) {
    yield action.type
    if ('actions' in action) yield* typesOf(action.actions)
    if ('exec' in action) yield* typesOf(action.exec ?? [])
    if ('nat' in action && action.nat !== undefined) yield 'nat'
  }
}

const instructions = ['clearActions', 'writeActions', 'writeMetadata', 'gotoTable'] as const

export function actionCoverage(): Coverage[] {
  const texts = [...actionTexts.map((text) => `actions=${text}`), ...flowTexts]
  const parsed = texts.map((text) => parseFlow(text).actions)
  return [...listedTypes, ...instructions].map((name) => {
    const samples = parsed.filter((actions) => [...typesOf(actions)].includes(name))
    const some = (version: Version, holds: (actions: readonly Action[]) => boolean) =>
      samples.length > 0 && samples.every((actions) => version > 0 && holds(actions))
    return {
      name,
      encode: inVersions((version) =>
        some(version, (actions) => reencoded(actions, version).bytes.length > 0),
      ),
      // What an older version says in another way comes back as that, and then stays so.
      decode: inVersions((version) =>
        some(version, (actions) => {
          const { bytes, back } = reencoded(actions, version)
          return reencoded(back, version).bytes.equals(bytes)
        }),
      ),
      text:
        samples.length > 0 && samples.every((actions) => !/undefined|NaN/.test(formatActions(actions)))
          ? 'yes'
          : 'no',
      parse: samples.length > 0 ? 'yes' : 'no',
    }
  })
}

/** A match on the field alone, with a value that no other field can be mistaken for. */
function matchOn(field: (typeof fieldNames)[number]): Match {
  const spec = fieldSpec(field)
  return { [field]: spec.size === 0 ? Buffer.from([1, 2, 3, 4]) : fromInteger(spec, 1n) }
}

function matchBytes(match: Match, version: Version): Buffer {
  const w = new Writer()
  encodeMatch(w, match, version)
  return w.finish()
}

/** Open vSwitch shows a context of NSH beside its type of metadata only, and what is of ERSPAN beside its version. */
function besideOf(field: (typeof fieldNames)[number]): Match {
  if (field.startsWith('nshC')) return { nshMdtype: 1 }
  if (field === 'tunErspanIdx') return { tunErspanVer: 1 }
  return field === 'tunErspanDir' || field === 'tunErspanHwid' ? { tunErspanVer: 2 } : {}
}

export function fieldCoverage(): Coverage[] {
  return fieldNames.map((field) => {
    const match = matchOn(field)
    const beside = besideOf(field)
    const isShown = formatMatch({ ...beside, ...match }) !== formatMatch(beside)
    const text = `${fieldSpec(field).text}=${valueText(field)}`
    const isRead = () => {
      const bytes = surroundings.map((words) => [
        matchBytes(parseMatch(words), 6),
        matchBytes(parseMatch(`${words}${text}`), 6),
      ])
      return bytes.some(([without, own]) => without !== undefined && own?.equals(without) === false)
    }
    return {
      name: `${fieldSpec(field).text}`,
      encode: inVersions((version) => matchBytes(match, version).length > 8),
      decode: inVersions((version) => {
        const bytes = matchBytes(match, version)
        return matchBytes(decodeMatch(new Reader(bytes), version), version).equals(bytes)
      }),
      text: isShown ? 'yes' : 'no',
      parse: isRead() ? 'yes' : 'no',
    }
  })
}

/** Packets that have fields which others do not. */
const surroundings = [
  '',
  'ip,',
  'ipv6,',
  'arp,',
  'mpls,',
  'tcp,',
  'udp,',
  'sctp,',
  'icmp,',
  'icmp6,',
  'icmp6,icmp_type=135,',
  'icmp6,icmp_type=136,',
]

/** The value of {@link matchOn} as an operator writes it. */
function valueText(field: (typeof fieldNames)[number]): string {
  const spec = fieldSpec(field)
  if (spec.size === 0) return '0x1020304'
  const value = fromInteger(spec, 1n)
  return spec.form === 'frag' ? 'first' : String(value)
}

function table(title: string, rows: readonly Coverage[]): string {
  const lines = rows.map(
    ({ name, encode, decode, text, parse }) => `| \`${name}\` | ${encode} | ${decode} | ${text} | ${parse} |`,
  )
  return [
    `## ${title}`,
    '',
    '| | encode | decode | text | parse |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}

const absent = [
  'Not among them, since no switch of these versions has them; what comes nevertheless survives as bytes:',
  '',
  '| | why |',
  '| --- | --- |',
  ...absentMessages.map(([name, reason]) => `| ${name} | ${reason} |`),
  '',
]

/** The page of the documentation. */
export function coveragePage(): string {
  return [
    '# What the OpenFlow library covers',
    '',
    'Written by `npm run docs:openflow`, which encodes, decodes, prints and reads a sample of each; a test holds this page against it. `yes`: in OpenFlow 1.3, 1.4 and 1.5; a list: in these versions, which are those that',
    'have it. Texts are those of `ovs-ofctl` 3.1, against which other tests hold them; `as an error` is what it prints for what it does not know itself. Parsed are texts of flows, groups and meters.',
    '',
    table('Messages', messageCoverage()),
    ...absent,
    table('Actions and instructions', actionCoverage()),
    table('Fields', fieldCoverage()),
  ].join('\n')
}
