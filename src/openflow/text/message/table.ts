/** Texts of messages about tables, tunnel options and tracked connections. */

import type { MessageBy } from '../../message.js'
import type { CtTuple } from '../../messages/ct-flush.js'
import { TableConfig } from '../../messages/table.js'
import type { TlvMapping } from '../../messages/tlv.js'
import type { Formatters } from './form.js'
import { formatBits } from './words.js'

const evictionFlags = { 1: 'OTHER', 2: 'IMPORTANCE', 4: 'LIFETIME' }

function onOff(config: number, bit: number): string {
  return (config & bit) === 0 ? 'off' : 'on'
}

type TableDesc = MessageBy<'tableDescReply'>['tables'][number]

function descText({ table, config, eviction, vacancy }: TableDesc): string {
  const flags = eviction === undefined ? '(default)' : formatBits(eviction, evictionFlags, '|')
  const thresholds =
    vacancy === undefined
      ? ''
      : ` vacancy_down=${vacancy.down}% vacancy_up=${vacancy.up}% vacancy=${vacancy.vacancy ?? 0}%`
  return (
    `\n  table ${table}:\n   eviction=${onOff(config, TableConfig.eviction)} eviction_flags=${flags}\n` +
    `   vacancy=${onOff(config, TableConfig.vacancyEvents)}${thresholds}\n`
  )
}

type TableStats = MessageBy<'tableStatsReply'>['tables'][number]

/** Tables with the same numbers as the one before are one line together. */
function tableStats(tables: readonly TableStats[]): string {
  let text = ''
  let before: TableStats | undefined
  let ditto: number[] = []
  const finish = () => {
    const [first, last] = [ditto[0], ditto.at(-1)]
    if (first !== undefined)
      text += first === last ? `\n  table ${first}: ditto\n` : `\n  tables ${first}...${last}: ditto\n`
    ditto = []
  }
  for (const { table, active, lookups, matches } of tables) {
    if (before?.active === active && before.lookups === lookups && before.matches === matches)
      ditto.push(table)
    else {
      finish()
      text += `\n  table ${table}:\n    active=${active}, lookup=${lookups}, matched=${matches}\n`
    }
    before = { table, active, lookups, matches }
  }
  finish()
  return text
}

function mappingTable(mappings: readonly TlvMapping[]): string {
  const rows = mappings.map(
    ({ optionClass, optionType, length, field }) =>
      `\n ${`0x${optionClass.toString(16)}`.padStart(6)}  ${`0x${optionType.toString(16)}`.padStart(4)}  ${String(length).padStart(6)}  tun_metadata${field}`,
  )
  return ` mapping table:\n  class  type  length  match field\n ------  ----  ------  --------------${rows.join('')}`
}

const icmp = 1
const icmp6 = 58

function tupleText(tuple: CtTuple, protocol: number, ipv6: boolean): string {
  const { source = '::', destination = '::', sourcePort = 0, destinationPort = 0 } = tuple
  const { icmpId = 0, icmpType = 0, icmpCode = 0 } = tuple
  const name = ipv6 ? 'ct_ipv6' : 'ct_nw'
  const ports =
    protocol === icmp || protocol === icmp6
      ? `icmp_id=${icmpId},icmp_type=${icmpType},icmp_code=${icmpCode}`
      : `ct_tp_src=${sourcePort},ct_tp_dst=${destinationPort}`
  return `${name}_src=${source},${name}_dst=${destination},${ports}`
}

/** The family is that of the last address. */
function isIpv6(tuples: readonly CtTuple[]): boolean {
  const addresses = tuples.flatMap(({ source, destination }) => [source, destination])
  return addresses.findLast((address) => address !== undefined)?.includes(':') ?? true
}

/** Open vSwitch takes the flags of the property, where there is one, for what the configuration says. */
function evictionText(config: number, flags: number | undefined): string {
  if (flags === undefined) return `, eviction=${onOff(config, TableConfig.eviction)}`
  return flags === 0 ? '' : `, eviction=${['on', 'off'][flags - 1] ?? '***error***'}`
}

export const table: Formatters = {
  tableMod: ({ table: number, config, vacancy, eviction }, { version }) => {
    const where = number === 255 ? ' table_id: ALL_TABLES' : ` table_id=${number}`
    if (version === 4) return where
    const vacant = (config & TableConfig.vacancyEvents) !== 0
    const { down, up } = vacancy ?? { down: 0, up: 0 }
    return `${where}${evictionText(config, eviction)}, vacancy=${vacant ? `on vacancy:${down},${up}` : 'off'}`
  },
  tableDescReply: ({ tables }) => tables.map(descText).join(''),
  tableStatus: ({ reason, desc }) => {
    const name = reason === 'vacancyUp' ? 'VACANCY_UP' : reason === 'vacancyDown' ? 'VACANCY_DOWN' : ''
    return ` reason=${name}\ntable_desc:-${descText(desc)}`
  },
  tableStatsReply: ({ tables }) => tableStats(tables),
  tlvTableMod: ({ command, mappings }) => {
    if (command === 'clear') return '\n CLEAR'
    const name = command === 'add' ? 'ADD' : command === 'delete' ? 'DEL' : `cmd:${command}`
    return `\n ${name}${mappingTable(mappings)}`
  },
  tlvTableReply: ({ maxSpace, maxFields, mappings }) => {
    const used = mappings.reduce((sum, { length }) => sum + length, 0)
    return `\n max option space=${maxSpace} max fields=${maxFields}\n allocated option space=${used}\n\n${mappingTable(mappings)}`
  },
  ctFlushZone: ({ zone }) => ` zone_id=${zone}`,
  ctFlush: ({ protocol = 0, zone = 0, original = {}, reply = {} }) => {
    const ipv6 = isIpv6([original, reply])
    return ` zone=${zone} '${tupleText(original, protocol, ipv6)},ct_nw_proto=${protocol}' '${tupleText(reply, protocol, ipv6)}'`
  },
}
